"""Worker processes, which fetch batches for a loader.

Each worker has a queue of requests and a pipe for its batches. Requests are dealt out in turn and
batches are taken back in turn: so the order is that of the requests, whoever is quicker.
"""

from __future__ import annotations

import multiprocessing
import pickle
import random
import traceback
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import wait
from queue import Empty
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import finalize

import numpy as np

from ...random import manual_seed
from ...system import set_num_threads
from .fetch import End, Fetch, WorkerInfo, become_worker

if TYPE_CHECKING:
    from .loader import DataLoader


@dataclass
class Failure:
    """In the place of a batch: what went wrong."""

    error: BaseException


class Worker:
    """A process that fetches, as the main process sees it."""

    def __init__(self, context: Any, number: int, *work: Any) -> None:
        self.number = number
        self.requests = context.Queue()
        self.requests.cancel_join_thread()  # what is not read does not keep the program alive
        self.batches, sender = context.Pipe(duplex=False)
        arguments = (self.requests, sender, number, *work)
        self.process = context.Process(target=work_off, args=arguments, daemon=True)
        self.process.start()
        sender.close()  # now the worker alone holds it, and its death ends the pipe

    def receive(self, timeout: float) -> tuple[int, Any]:
        """(epoch, batch): the next thing the worker sends."""
        if not wait([self.batches], timeout or None):
            raise RuntimeError(
                f"DataLoader timed out: worker {self.number} has sent nothing in {timeout} seconds"
            )
        try:
            return self.batches.recv()  # type: ignore[no-any-return]
        except EOFError:
            self.process.join()
            raise RuntimeError(
                f"DataLoader worker {self.number} (pid {self.process.pid}) exited unexpectedly, "
                f"with exit code {self.process.exitcode}. Remedy: look for the cause with "
                "num_workers=0"
            ) from None

    def end(self, patience: float = 5.0) -> None:
        """Wait until the process ends, and read what it still has to send; or, at last, stop it."""
        deadline = monotonic() + patience
        while self.process.is_alive():
            ready = wait([self.batches, self.process.sentinel], max(0, deadline - monotonic()))
            if not ready:
                self.process.terminate()
            elif self.batches in ready:
                try:
                    self.batches.recv_bytes()
                except EOFError:
                    break
        self.process.join()
        self.batches.close()
        self.requests.close()


class Workers:
    """The worker processes of a loader, for one epoch or, if they are persistent, for all."""

    def __init__(self, loader: DataLoader, seed: int) -> None:
        context = loader.multiprocessing_context
        if context is None or isinstance(context, str):
            context = multiprocessing.get_context(context)
        stop = context.Event()
        work = (Fetch(loader), stop, seed, loader.num_workers, loader.worker_init_fn)
        self.all: list[Worker] = []
        self.close = finalize(self, close, self.all, stop)
        for number in range(loader.num_workers):
            self.all.append(Worker(context, number, *work))
        self.ahead = loader.prefetch_factor * loader.num_workers
        self.timeout = loader.timeout
        self.persistent = loader.persistent_workers
        self.epoch = 0

    def run(self, requests: Iterator[Any]) -> Iterator[Any]:
        """The batches of an epoch. The first requests are dealt out at once."""
        self.epoch += 1
        busy: deque[Worker] = deque()
        turns = deque(self.all)
        for _ in range(self.ahead):
            self.deal(requests, turns, busy)
        return self.collect(requests, turns, busy)

    def deal(self, requests: Iterator[Any], turns: deque[Worker], busy: deque[Worker]) -> None:
        """Give the next request, if there is one, to the worker whose turn it is."""
        for request in islice(requests, 1) if turns else ():
            turns[0].requests.put((self.epoch, request))
            busy.append(turns[0])
            turns.rotate(-1)

    def collect(
        self, requests: Iterator[Any], turns: deque[Worker], busy: deque[Worker]
    ) -> Iterator[Any]:
        """Take the batches back in the order of the requests, and deal out further ones."""
        try:
            while busy:
                worker = busy.popleft()
                batch = self.receive(worker)
                if batch is End and worker in turns:
                    turns.remove(worker)
                self.deal(requests, turns, busy)
                if batch is not End:
                    yield batch
        finally:
            if not self.persistent:
                self.close()

    def receive(self, worker: Worker) -> Any:
        """The worker's next batch. Raises what was raised there."""
        epoch = 0
        while epoch < self.epoch:  # batches of an epoch that was left early are dropped
            epoch, batch = worker.receive(self.timeout)
        if isinstance(batch, Failure):
            raise batch.error
        return batch


def close(workers: list[Worker], stop: Any) -> None:
    """End the processes, each after the batch it is at."""
    stop.set()
    for worker in workers:
        worker.requests.put(None)
    for worker in workers:
        worker.end()


def work_off(
    requests: Any, batches: Any, number: int, fetch: Fetch, stop: Any, seed: int, *rest: Any
) -> None:
    """What a worker process does: answer requests, until None comes or nobody is left to answer."""
    failure = begin(number, fetch.dataset, seed + number, *rest)
    main = multiprocessing.parent_process()
    epoch = 0
    while main is None or main.is_alive():
        try:
            task = requests.get(timeout=5)
        except Empty:
            continue
        if task is None or stop.is_set():
            return
        if task[0] > epoch:
            epoch = task[0]
            fetch.restart()
        try:
            batch = failure or fetch(task[1])
        except Exception as error:
            batch = told(error, number)
        try:
            batches.send((epoch, batch))
        except BrokenPipeError:  # the main process is gone
            return
        except Exception as error:  # the batch cannot be pickled
            batches.send((epoch, told(error, number)))


def begin(number: int, dataset: Any, seed: int, workers: int, start: Any) -> Failure | None:
    """Set up a worker process: its seeds, its threads, what it knows of itself."""
    random.seed(seed)
    np.random.seed([seed >> 32, seed & 0xFFFFFFFF])  # noqa: NPY002 - datasets may draw from it
    manual_seed(seed)
    set_num_threads(1)
    become_worker(WorkerInfo(number, workers, seed, dataset))
    try:
        if start is not None:
            start(number)
    except Exception as error:
        return told(error, number)
    return None


def told(error: Exception, number: int) -> Failure:
    """The error with the story of where it happened, in a form that another process can read."""
    story = f"in DataLoader worker {number}:\n{traceback.format_exc()}"
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(story)
    error.__traceback__ = None
    return Failure(error)
