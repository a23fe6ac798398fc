"""What a parsing process asks of the database: which documents of a chunk are stored, and made from which bytes."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from kb.store.bulk.rows import print_of


@dataclass(frozen=True, slots=True)
class Known:
    """A stored document: what it says, whether its source withdrew it, and which bytes it was last made from."""

    content_sha256: str
    withdrawn: bool
    print: bytes | None

    def is_of(self, bytes_hash: bytes) -> bool:
        """Whether a record with this hash of bytes would change nothing."""
        return not self.withdrawn and self.print == print_of(bytes_hash, self.content_sha256)


def known_of(db: sqlite3.Connection, names: Iterable[str]) -> dict[str, Known]:
    """Of these ids those that are stored."""
    sql = """select d.id, d.content_sha256, d.withdrawn, p.print from documents d
    left join record_prints p on p.document = d.id where d.id in (select value from json_each(?))"""
    rows = db.execute(sql, [json.dumps(list(names))]).fetchall()
    return {name: Known(content, bool(withdrawn), print_) for name, content, withdrawn, print_ in rows}
