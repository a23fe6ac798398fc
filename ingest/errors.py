"""What can go wrong between the world and a Document.

    IngestError
    ├── SourceUnreachable   nobody answered in time: try again later
    ├── SourceRefused       the service said no: the request or the key is at fault
    └── BadPayload          the bytes are not what they should be: the file or answer is at fault
        ├── EmptyPayload        nothing in it
        ├── UnknownFormat       no reader of ours recognises it
        ├── Truncated           it stops in the middle
        └── HostilePayload      entity bombs, external entities, absurd nesting: refused on purpose

Each error is one line that names the file or id and says what to do.
"""


class IngestError(Exception):
    """Anything that keeps bytes from becoming Documents."""


class SourceUnreachable(IngestError):
    """The service did not answer; the same request may succeed later."""


class SourceRefused(IngestError):
    """The service answered no; the same request will be refused again."""


class BadPayload(IngestError):
    """The bytes are not a payload that we can read."""


class EmptyPayload(BadPayload):
    """There is nothing in it."""


class UnknownFormat(BadPayload):
    """No reader recognises the content."""


class Truncated(BadPayload):
    """The payload stops before its end."""


class HostilePayload(BadPayload):
    """The payload tries to do harm (entity bombs, external entities) and is refused unread."""
