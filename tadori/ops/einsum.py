"""Einstein's sum: of any number of arrays, two at a time, each pair as a product of matrices."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import combinations, pairwise
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
    plain_terms = tuple(term for term, _ in pairs)
    for i, j in order(plain_terms, result, tuple(sizes.items())):
        b_term, b = pairs.pop(j)
        a_term, a = pairs.pop(i)
        others = "".join(term for term, _ in pairs) + result
        a_term, a = summed(a_term, a, b_term + others)
        b_term, b = summed(b_term, b, a_term + others)
        term = kept(a_term, b_term, others) if pairs else result
        y = kernels.contract(a, b, equation=f"{a_term},{b_term}->{term}")
        pairs.append((term, y))
    [(term, x)] = pairs
    term, y = summed(term, x, result)
    return y if term == result else np.transpose(y, [term.index(n) for n in result])


def plain(term, x, sizes):
    """An operand in which no letter stands twice (else: the diagonal) and no axis is stretched."""
    for letter in term:
        if term.count(letter) > 1:
            i = term.index(letter)
            j = term.index(letter, i + 1)
            x = np.diagonal(x, 0, i, j)
            term = without(term, {i, j}) + letter
    ones = {i for i, letter in enumerate(term) if x.shape[i] != sizes[letter]}
    if ones:
        x = np.squeeze(x, tuple(ones))
    return without(term, ones), x


def without(items, places):
    """A term less the letters at these places."""
    return "".join(letter for i, letter in enumerate(items) if i not in places)


def summed(term, x, needed):
    """An operand summed over the letters that nobody needs."""
    axes = {i for i, letter in enumerate(term) if letter not in needed}
    if axes:
        x = np.sum(x, axis=tuple(axes))
    return without(term, axes), x


def kept(a, b, others):
    """The letters of a product: those of its two terms that others need."""
    letters = dict.fromkeys(a + b)
    return "".join(letter for letter in letters if letter in others)


# ------------------------------------------------------------------------------ reading equations


def spelled(operands):
    """The equation and the arrays, from "ij,jk", a, b or from a, [0, 1], b, [1, 2]."""
    equation, *xs = operands
    if isinstance(equation, str):
        return equation, xs
    xs = operands[: len(operands) // 2 * 2 : 2]
    equation = ",".join(map(in_letters, operands[1::2]))
    if len(operands) % 2:
        equation += "->" + in_letters(operands[-1])
    return equation, xs


def in_letters(numbers):
    """A list of numbers, or of `...`, as a term of an equation."""
    return "".join("..." if n is ... else ascii_letters[n] for n in numbers)


@lru_cache(1024)
def expand(equation, ndims):
    """The terms and the result with one letter for each axis, for "..." too."""
    left, arrow, result = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        raise ShapeError(f"einsum {equation!r}: {len(terms)} terms, but {len(ndims)} arrays")
    extra = [further(equation, term, ndim) for term, ndim in zip(terms, ndims)]
    free = [letter for letter in ascii_letters if letter not in equation]
    dots = "".join(free[: max(extra)])
    if not arrow:
        letters = set(left) - set(".,")
        once = [letter for letter in letters if left.count(letter) == 1]
        result = "..." + "".join(sorted(once))
    for i, n in enumerate(extra):
        terms[i] = terms[i].replace("...", dots[len(dots) - n :])
    result = result.replace("...", dots)
    known = set("".join(terms))
    if len(set(result)) < len(result) or not known.issuperset(result):
        raise ShapeError(
            f"einsum {equation!r}: each letter of the result must be there once, and in some term"
        )
    return tuple(terms), result


def further(equation, term, ndim):
    """How many axes "..." stands for in a term."""
    n = ndim - len(term.replace("...", ""))
    if n < 0 or (n > 0 and "..." not in term):
        raise ShapeError(f"einsum {equation!r}: {term!r} stands for an array of {ndim} axes")
    return n


def letter_sizes(equation, terms, xs):
    """The size of each letter; axes of size 1 stretch."""
    sizes: dict[str, int] = {}
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

    The product goes behind the other operands. A greedy choice, good but not always the best.
    """
    count = dict(sizes)

    def room(term):
        return math.prod(count[letter] for letter in term)

    steps = []
    while len(terms) > 1:
        choices = []
        for i, j in combinations(range(len(terms)), 2):
            a, b = terms[i], terms[j]
            rest = (*terms[:i], *terms[i + 1 : j], *terms[j + 1 :])
            product = kept(a, b, "".join(rest) + result)
            growth = room(product) - room(a) - room(b)
            choices.append((growth, i, j, (*rest, product)))
        _, i, j, terms = min(choices)
        steps.append((i, j))
    return steps


# ---------------------------------------------------------------------------- sums of this kind


@implements(np.tensordot)
def tensordot(a, b, axes=2):
    """The sum over pairs of axes: the last `axes` of a and the first of b, or two lists."""
    if isinstance(axes, int):
        axes = range(-axes, 0), range(axes)
    of_a, of_b = ([i] if isinstance(i, int) else list(i) for i in axes)
    for i, j in zip(of_a, of_b):  # as in PyTorch, a size of 1 is broadcast
        if a.shape[i] == 1 != b.shape[j]:
            b = np.sum(b, axis=j, keepdims=True)
        elif b.shape[j] == 1 != a.shape[i]:
            a = np.sum(a, axis=i, keepdims=True)
    if sizes_of(a, of_a) != sizes_of(b, of_b):
        raise ShapeError(
            f"tensordot: axes {of_a} of {a.shape} and {of_b} of {b.shape} must have the same sizes"
        )
    letters = list(ascii_letters)
    a_term = letters[: a.ndim]
    b_term = letters[a.ndim : a.ndim + b.ndim]
    for i, j in zip(of_a, of_b):
        b_term[j] = a_term[i]
    result = [n for n in a_term + b_term if (n in a_term) != (n in b_term)]
    equation = "".join([*a_term, ",", *b_term, "->", *result])
    return kernels.contract(a, b, equation=equation)


def sizes_of(x, axes):
    """The sizes of some axes."""
    return [x.shape[i] for i in axes]


@implements(np.linalg.multi_dot)
def multi_dot(arrays):
    """a @ b @ c ..., in the order that costs least. The first and the last may be vectors."""
    terms = list(map("".join, pairwise(ascii_letters[: len(arrays) + 1])))
    if arrays[0].ndim == 1:
        terms[0] = terms[0][1:]
    if arrays[-1].ndim == 1:
        terms[-1] = terms[-1][:1]
    result = terms[0][:-1] + terms[-1][1:]
    return einsum(f"{','.join(terms)}->{result}", *arrays)
