"""Einstein's sum: of any number of arrays, two at a time, each pair as a product of matrices."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import combinations
from string import ascii_letters

import numpy as np

from .. import kernels
from ..autograd.errors import ShapeError
from ..autograd.function import Function
from ..dispatch import implements


@implements(kernels.contract)
class Contract(Function):
    """Einstein's sum of two arrays.   Their gradients are such sums again: the terms are exchanged.

    "ij,jk->ik":  ga is "ik,jk->ij" of gy and b,  gb is "ij,ik->jk" of a and gy.
    """

    def forward(self, a, b, *, equation):
        return kernels.contract(a, b, equation=equation)

    def grad_a(self, gy, b, equation):
        of_a, of_b, of_y = terms_of(equation)
        return kernels.contract(gy, b, equation=f"{of_y},{of_b}->{of_a}")

    def grad_b(self, gy, a, equation):
        of_a, of_b, of_y = terms_of(equation)
        return kernels.contract(a, gy, equation=f"{of_a},{of_y}->{of_b}")


def terms_of(equation):
    """The three terms of "a,b->y"."""
    return equation.replace("->", ",").split(",")


@implements(np.einsum)
def einsum(*operands, optimize=True):
    """Einstein's sum: "ij,jk->ik" multiplies matrices, "ii->i" takes a diagonal, "ij->j" sums.

    Without an arrow the letters that occur once are the result, in alphabetical order. "..." stands
    for further axes, which broadcast. Arrays may also stand with lists of numbers: a, [0, 1], ...
    More than two are multiplied in the order that costs least.
    """
    equation, xs = spelled(operands)
    terms, result = expand(equation, tuple(map(np.ndim, xs)))
    sizes = letter_sizes(equation, terms, xs)
    pairs = [plain(term, x, sizes) for term, x in zip(terms, xs)]
    for i, j in order(tuple(term for term, _ in pairs), result, tuple(sizes.items())):
        b_term, b = pairs.pop(j)
        a_term, a = pairs.pop(i)
        others = "".join(term for term, _ in pairs) + result
        a_term, a = summed(a_term, a, b_term + others)
        b_term, b = summed(b_term, b, a_term + others)
        term = kept(a_term, b_term, others) if pairs else result
        y = kernels.contract(a, b, equation=f"{a_term},{b_term}->{term}")
        pairs.append((term, y))
    term, y = summed(*pairs[0], result)
    return y if term == result else np.transpose(y, [term.index(n) for n in result])


def plain(term, x, sizes):
    """An operand in which no letter stands twice (else: the diagonal) and no axis is stretched."""
    for letter in term:
        if term.count(letter) > 1:
            i, j = [i for i, other in enumerate(term) if other == letter][:2]
            x = np.diagonal(x, 0, i, j)
            term = term[:i] + term[i + 1 : j] + term[j + 1 :] + letter
    ones = [i for i, letter in enumerate(term) if x.shape[i] != sizes[letter]]
    if ones:
        x = np.squeeze(x, tuple(ones))
        term = "".join(letter for i, letter in enumerate(term) if i not in ones)
    return term, x


def summed(term, x, needed):
    """An operand summed over the letters that nobody needs."""
    axes = tuple(i for i, letter in enumerate(term) if letter not in needed)
    if not axes:
        return term, x
    return "".join(n for n in term if n in needed), np.sum(x, axis=axes)


def kept(a, b, others):
    """The letters of a product: those of its two terms that others need."""
    return "".join(n for n in dict.fromkeys(a + b) if n in others)


# ------------------------------------------------------------------------------ reading equations


def spelled(operands):
    """The equation and the arrays, from "ij,jk", a, b or from a, [0, 1], b, [1, 2]."""
    equation, *xs = operands
    if isinstance(equation, str):
        return equation, xs
    lists = list(operands[1::2])
    xs = list(operands[: len(lists) * 2 : 2])
    if len(operands) % 2:
        lists.append(operands[-1])
    terms = ["".join("..." if n is ... else ascii_letters[n] for n in items) for items in lists]
    if len(operands) % 2:
        result = terms.pop()
        return f"{','.join(terms)}->{result}", xs
    return ",".join(terms), xs


@lru_cache(1024)
def expand(equation, ndims):
    """The terms and the result with one letter for each axis, for "..." too."""
    left, arrow, result = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        raise ShapeError(f"einsum {equation!r}: {len(terms)} terms, but {len(ndims)} arrays")
    free = [letter for letter in ascii_letters if letter not in equation]
    extra = [ndim - len(term.replace("...", "")) for term, ndim in zip(terms, ndims)]
    for i, (term, n) in enumerate(zip(terms, extra)):
        if n < 0 or (n > 0 and "..." not in term):
            raise ShapeError(
                f"einsum {equation!r}: {term!r} stands for an array of {ndims[i]} axes"
            )
    dots = "".join(free[: max(extra)])
    terms = [term.replace("...", dots[len(dots) - n :]) for term, n in zip(terms, extra)]
    if not arrow:
        once = sorted(n for n in set(left) - set(".,") if left.count(n) == 1)
        result = "..." + "".join(once)
    result = result.replace("...", dots)
    if len(set(result)) < len(result) or not set(result) <= set("".join(terms)):
        raise ShapeError(
            f"einsum {equation!r}: each letter of the result must be there once, and in some term"
        )
    return tuple(terms), result


def letter_sizes(equation, terms, xs):
    """The size of each letter; axes of size 1 stretch."""
    sizes = {}
    for term, x in zip(terms, xs):
        for letter, n in zip(term, np.shape(x)):
            if n != sizes.setdefault(letter, n) and n != 1:
                if sizes[letter] != 1:
                    raise ShapeError(
                        f"einsum {equation!r}: the letter {letter!r} has size {sizes[letter]} "
                        f"and {n}; the shapes are {', '.join(str(np.shape(x)) for x in xs)}"
                    )
                sizes[letter] = n
    return sizes


@lru_cache(1024)
def order(terms, result, sizes):
    """Which two of the operands to multiply at each step: those whose product adds least to store.

    The product goes behind the other operands. After opt_einsum's greedy rule.
    """
    count = dict(sizes)

    def room(term):
        return math.prod(count[letter] for letter in term)

    def product(pair):
        others = "".join(term for i, term in enumerate(terms) if i not in pair) + result
        return kept(terms[pair[0]], terms[pair[1]], others)

    steps = []
    while len(terms) > 1:
        pairs = combinations(range(len(terms)), 2)
        i, j = min(pairs, key=lambda p: room(product(p)) - room(terms[p[0]]) - room(terms[p[1]]))
        steps.append((i, j))
        terms = (*terms[:i], *terms[i + 1 : j], *terms[j + 1 :], product((i, j)))
    return steps


# ---------------------------------------------------------------------------- sums of this kind


@implements(np.tensordot)
def tensordot(a, b, axes=2):
    """The sum over pairs of axes: the last `axes` of a with the first of b, or two lists of axes."""
    if isinstance(axes, int):
        axes = range(a.ndim - axes, a.ndim), range(axes)
    of_a, of_b = ([axes] if isinstance(axes, int) else list(axes) for axes in axes)
    if len(of_a) != len(of_b) or [a.shape[i] for i in of_a] != [b.shape[i] for i in of_b]:
        raise ShapeError(
            f"tensordot: axes {of_a} of {a.shape} and {of_b} of {b.shape} must have the same sizes"
        )
    names = ascii_letters
    a_term, b_term = list(names[: a.ndim]), list(names[a.ndim : a.ndim + b.ndim])
    for i, j in zip(of_a, of_b):
        b_term[j] = a_term[i]
    result = [n for n in a_term + b_term if not (n in a_term and n in b_term)]
    equation = f"{''.join(a_term)},{''.join(b_term)}->{''.join(result)}"
    return kernels.contract(a, b, equation=equation)


@implements(np.linalg.multi_dot)
def multi_dot(arrays):
    """a @ b @ c ..., in the order that costs least. The first and the last may be vectors."""
    names = ascii_letters[: len(arrays) + 1]
    terms = [names[i : i + 2] for i in range(len(arrays))]
    terms[0] = terms[0][-arrays[0].ndim :]
    terms[-1] = terms[-1][: arrays[-1].ndim]
    result = terms[0][:-1] + terms[-1][1:]
    return einsum(f"{','.join(terms)}->{result}", *arrays)
