"""What can go wrong between the world and a Document.

    IngestError
    ├── Misconfigured       an address or folder in the settings cannot be used
    ├── SourceUnreachable   nobody answered in time, or only with excuses: try again later
    │   └── NoConnection        not even a connection: the cable is out, or the service's machine is
    ├── SourceRefused       the service said no: the request or the key is at fault
    │   ├── NotFound            it does not know what was asked for (404)
    │   ├── TooLong             it takes fewer at once (413, 414)
    │   ├── HistoryLost         it forgot the history set: rebuild it from our own ids
    │   ├── KeyRefused          the API key is wrong: it will be asked nothing more
    │   └── Blocked             it sent us away for misuse: stop the whole run
    └── BadPayload          the bytes are not what they should be: the file or answer is at fault
        ├── EmptyPayload        nothing in it
        ├── UnknownFormat       no reader of ours recognises it
        ├── Truncated           it stops in the middle
        ├── BadReply            whole, but not an answer to what was asked
        └── HostilePayload      entity bombs, external entities, absurd nesting: refused on purpose

Each error is one line that names the file or id and says what to do.
"""


class IngestError(Exception):
    """Anything that keeps bytes from becoming Documents."""


class Misconfigured(IngestError):
    """A setting cannot be used; nothing was asked."""


class SourceUnreachable(IngestError):
    """The service did not answer; the same request may succeed later."""


class NoConnection(SourceUnreachable):
    """No connection could be made: nothing was asked."""


class SourceRefused(IngestError):
    """The service answered no; the same request will be refused again."""


class NotFound(SourceRefused):
    """The service does not know what was asked for."""


class TooLong(SourceRefused):
    """The service takes fewer ids, or a shorter address, at once."""


class HistoryLost(SourceRefused):
    """The service forgot a history set (WebEnv, query_key)."""


class KeyRefused(SourceRefused):
    """The service does not accept the API key."""


class Blocked(SourceRefused):
    """The service sent us away for misuse; asking on would make it worse."""


class BadPayload(IngestError):
    """The bytes are not a payload that we can read."""


class EmptyPayload(BadPayload):
    """There is nothing in it."""


class UnknownFormat(BadPayload):
    """No reader recognises the content."""


class Truncated(BadPayload):
    """The payload stops before its end."""


class BadReply(BadPayload):
    """The answer is whole, but it does not answer what was asked."""


class HostilePayload(BadPayload):
    """The payload tries to do harm (entity bombs, external entities) and is refused unread."""
