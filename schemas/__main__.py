"""`python -m schemas`: print the AsyncAPI document of the events."""

import json

from schemas.asyncapi import document

if __name__ == "__main__":
    print(json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True))  # noqa: T201 - a command that prints
