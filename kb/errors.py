"""What can go wrong in kb, and whose fault it is.

    KbError
    ├── DatabaseMissing     no file at that path: run init first
    ├── NotOurDatabase      a file of another program, or one that lost its protection: nothing was touched
    ├── CannotWrite         the folder or the disk refuses
    ├── UnknownTopic        no such topic
    ├── NothingThere        an id that is not in the database
    ├── NotTaken            a decision that cannot be kept as it came: nothing was written
    ├── NoModel             no language model to ask, or no answer from it
    ├── NotInstalled        the command needs an extra that is not installed
    ├── NoScheduler         no Dask scheduler at that address
    └── NotOurFolder        a folder that bulk did not make, or did not finish

Each error is one line that names the file or id and says what to do.
"""


class KbError(Exception):
    """Anything that the command line reports in one line with exit code 1."""


class DatabaseMissing(KbError):
    """There is no database at that path."""


class NotOurDatabase(KbError):
    """The file was not made by evidence-kb, or its append-only tables lost their protection."""


class CannotWrite(KbError):
    """The file system refuses to write there."""


class UnknownTopic(KbError):
    """No topic of that name or path."""


class NothingThere(KbError):
    """The id asked for is not in the database."""


class NotTaken(KbError):
    """A decision that cannot be kept as it came; nothing was written, and the line says what to change."""


class NoModel(KbError):
    """The extra is not installed, the model is not known, has no key, or gave no usable answer."""


class NotInstalled(KbError):
    """The command needs an extra; the line says how to install it."""


class NoScheduler(KbError):
    """No Dask scheduler answers at that address."""


class NotOurFolder(KbError):
    """The folder holds something else than what bulk makes, or bulk has not finished it."""


class WorkerLost(KbError):
    """A process that parses ended by itself; the same command goes on where this one stopped."""
