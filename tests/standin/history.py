"""The history server: sets of ids that live for a while. epost fills them, so does esearch."""

from dataclasses import dataclass, field

from tests.standin.log import Entry


@dataclass(slots=True)
class Histories:
    """WebEnv → query key → ids; calls counts how often a WebEnv was used."""

    sets: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    def put(self, ids: list[str], web_env: str = "") -> tuple[str, int]:
        """Keep the ids, in that WebEnv if it is known; the WebEnv and the new key."""
        if web_env not in self.sets:
            web_env = f"MCID_{0x6900000000000000 + len(self.sets):024x}"
            self.sets[web_env] = {}
        key = len(self.sets[web_env]) + 1
        self.sets[web_env][key] = ids
        return web_env, key

    def ids(self, entry: Entry, lifetime: int | None) -> list[str] | None:
        """The set that a request names; None if it is forgotten."""
        web_env, key = entry.get("WebEnv"), entry.get("query_key")
        self.calls[web_env] = self.calls.get(web_env, 0) + 1
        if lifetime is not None and self.calls[web_env] > lifetime:
            self.sets.pop(web_env, None)
        return self.sets.get(web_env, {}).get(int(key) if key.isdecimal() else 0)
