#!/usr/bin/env python3
"""Writes docs/reference.md from the comments of the contracts in proto/.

    tools/contract-reference/contract_reference.py           writes it
    tools/contract-reference/contract_reference.py --check   fails when it is not what the contracts say

Needs buf, which `./trunkline check` and `./trunkline test` install into .local/node.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"
REFERENCE = ROOT / "docs" / "reference.md"
LOCAL_BUF = ROOT / ".local" / "node" / "node_modules" / ".bin" / "buf"

HEAD = """# The contracts

Written by `tools/contract-reference` from the comments in [proto/](../proto); change it there.
"""

# Numbers of fields in google/protobuf/descriptor.proto: the paths of comments are made of them.
FILE_MESSAGE, FILE_ENUM, FILE_SERVICE, FILE_SYNTAX = 4, 5, 6, 12
MESSAGE_FIELD, MESSAGE_NESTED, MESSAGE_ENUM = 2, 3, 4
ENUM_VALUE, SERVICE_METHOD = 2, 2

Descriptor = dict[str, Any]
Place = tuple[int, ...]


class File:
    """A proto file with its comments."""

    def __init__(self, descriptor: Descriptor):
        self.descriptor = descriptor
        self.package: str = descriptor["package"]
        self.name: str = descriptor["name"]
        self._comments = {
            tuple(location.get("path", ())): location.get("leadingComments", "")
            for location in descriptor["sourceCodeInfo"]["location"]
        }
        syntax = next(place for place in descriptor["sourceCodeInfo"]["location"] if place.get("path") == [FILE_SYNTAX])
        # What a file says of itself stands above its `syntax` line.
        comments = [*syntax.get("leadingDetachedComments", ()), syntax.get("leadingComments", "")]
        self.about = in_one_line("\n".join(comments))

    def comment(self, path: Place) -> str:
        return in_one_line(self._comments.get(path, ""))


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def read_files(buf: str) -> list[File]:
    command = [buf, "build", str(PROTO), "--as-file-descriptor-set", "--output", "-#format=json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"buf could not read {PROTO}:\n{done.stdout}{done.stderr}")
    files = [File(file) for file in json.loads(done.stdout)["file"] if file["package"].startswith("trunkline.")]
    return sorted(files, key=lambda file: (file.package, file.name))


def anchor(full_name: str) -> str:
    return full_name.lower().replace(".", "")


def type_of(field: Descriptor, nested: dict[str, Descriptor]) -> str:
    name = field.get("typeName", "").removeprefix(".")
    entry = nested.get(name)
    if entry is not None and entry.get("options", {}).get("mapEntry"):
        key, value = entry["field"]
        return f"map of {type_of(key, {})} to {type_of(value, {})}"
    if name.startswith("trunkline."):
        shown = f"[{name.rpartition('.')[2]}](#{anchor(name)})"
    else:
        shown = name or field["type"].removeprefix("TYPE_").lower()
    if field["label"] == "LABEL_REPEATED":
        return f"list of {shown}"
    return f"{shown}, optional" if field.get("proto3Optional") else shown


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def messages_of(file: File) -> Iterator[tuple[str, Descriptor, Place]]:
    """Name, descriptor and path of every message, nested ones after their own."""

    def walk(prefix: str, message: Descriptor, path: Place) -> Iterator[tuple[str, Descriptor, Place]]:
        name = f"{prefix}.{message['name']}"
        yield name, message, path
        for number, nested in enumerate(message.get("nestedType", ())):
            if not nested.get("options", {}).get("mapEntry"):
                yield from walk(name, nested, (*path, MESSAGE_NESTED, number))

    for number, message in enumerate(file.descriptor.get("messageType", ())):
        yield from walk(file.package, message, (FILE_MESSAGE, number))


def write_service(file: File, number: int, service: Descriptor) -> Iterator[str]:
    path = (FILE_SERVICE, number)
    yield f"\n### {file.package}.{service['name']}\n"
    yield file.comment(path)
    for index, method in enumerate(service["method"]):
        request, response = (
            f"[{name.rpartition('.')[2]}](#{anchor(name.removeprefix('.'))})"
            for name in (method["inputType"], method["outputType"])
        )
        stream = "stream of " if method.get("serverStreaming") else ""
        yield f"\n**{method['name']}** ({request}) returns {stream}{response}\n"
        yield file.comment((*path, SERVICE_METHOD, index))


def write_message(file: File, name: str, message: Descriptor, path: Place) -> Iterator[str]:
    yield f"\n### {name}\n"
    yield file.comment(path)
    fields = message.get("field", ())
    if not fields:
        return
    nested = {f"{name}.{entry['name']}": entry for entry in message.get("nestedType", ())}
    choices = [choice["name"] for choice in message.get("oneofDecl", ())]
    yield "\n| field | number | type | meaning |\n| --- | --- | --- | --- |"
    for index, field in enumerate(fields):
        meaning = file.comment((*path, MESSAGE_FIELD, index))
        if "oneofIndex" in field and not field.get("proto3Optional"):
            meaning = f"(one of `{choices[field['oneofIndex']]}`) {meaning}"
        yield f"| `{field['name']}` | {field['number']} | {type_of(field, nested)} | {cell(meaning)} |"


def write_enum(file: File, name: str, enum: Descriptor, path: Place) -> Iterator[str]:
    yield f"\n### {name}\n"
    yield file.comment(path)
    yield "\n| value | number | meaning |\n| --- | --- | --- |"
    for index, value in enumerate(enum["value"]):
        meaning = cell(file.comment((*path, ENUM_VALUE, index)))
        yield f"| `{value['name']}` | {value.get('number', 0)} | {meaning} |"


def write_file(file: File) -> Iterator[str]:
    yield f"\n## {file.name}\n"
    yield file.about
    for number, service in enumerate(file.descriptor.get("service", ())):
        yield from write_service(file, number, service)
    for name, message, path in messages_of(file):
        yield from write_message(file, name, message, path)
        for number, enum in enumerate(message.get("enumType", ())):
            yield from write_enum(file, f"{name}.{enum['name']}", enum, (*path, MESSAGE_ENUM, number))
    for number, enum in enumerate(file.descriptor.get("enumType", ())):
        yield from write_enum(file, f"{file.package}.{enum['name']}", enum, (FILE_ENUM, number))


def write_reference(files: list[File]) -> str:
    lines = [HEAD]
    lines += [f"- [{file.name}](#{anchor(file.name).replace('/', '')}): {file.about}" for file in files]
    for file in files:
        lines += write_file(file)
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes docs/reference.md from the comments of the contracts.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is not up to date")
    parser.add_argument("--buf", default=None, help="the program buf; default: .local/node's, else the one in PATH")
    options = parser.parse_args()
    buf = options.buf or (str(LOCAL_BUF) if os.access(LOCAL_BUF, os.X_OK) else shutil.which("buf"))
    if buf is None:
        print("buf is missing; `./trunkline check` installs it", file=sys.stderr)
        return 2
    reference = write_reference(read_files(buf))
    if not options.check:
        REFERENCE.write_text(reference)
        return 0
    if REFERENCE.exists() and REFERENCE.read_text() == reference:
        return 0
    print("docs/reference.md is not what proto/ says; write it with tools/contract-reference/contract_reference.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
