"""docs/protocol.md: what crosses a socket and what lies in internal topics, at a glance."""

import re

from emit_tables import apis_of

HEAD = """# The protocol

What crosses a socket, and what lies in internal topics and files, at a glance. Each name leads to its specification;
[the notation](../src/protocol/messages/README.md) takes a page. This page is generated from there:
`python3 src/protocol/generator src/protocol/messages --document > docs/protocol.md`.
"""
APIS = """
## APIs

*Served by*: the listeners of brokers, of controllers, or both. *Forwarded*: a broker passes the request on to the
active controller. *Cluster*: the sender needs the right to act as a part of the cluster. A version in brackets is not
stable: it is served only on demand.

| key | API | versions | flexible | served by | forwarded | cluster | what it is for |
|---|---|---|---|---|---|---|---|"""
REMOVED = """
These keys belonged to APIs that are gone; nobody answers them.

| key | API | what it was for |
|---|---|---|"""
RECORDS = """
## Records

Bytes that are kept: in internal topics, in control batches, in files beside a log, or inside other messages.
[docs/format](format/README.md) shows how they are framed, with examples."""


def first_sentence(about):
    return re.split(r"(?<=[.]) (?=[A-Z\d])", " ".join(about), maxsplit=1)[0] if about else ""


def specification(name, stem):
    return f"[{name}](../src/protocol/messages/{stem}.schema)"


def yes(truth):
    return "yes" if truth else ""


def versions_of(message):
    if not message.latest_unstable:
        return str(message.versions)
    last = message.versions.last
    return f"{message.versions.first}-{last - 1} ({last})"


def flexible_of(message):
    return "" if not message.flexible else str(message.flexible)


def row(*cells):
    return f"| {' | '.join(cells)} |"


def api_rows(files):
    stems = {file.api.key: file.stem for file in files if file.api is not None}
    for api in apis_of(files):
        if not api.removed:
            yield row(str(api.key), specification(api.name, stems[api.key]), versions_of(api.request),
                      flexible_of(api.request), ", ".join(api.listeners), yes(api.forwardable),
                      yes(api.cluster_action), first_sentence(api.about))


def removed_rows(files):
    for api in apis_of(files):
        if api.removed:
            yield row(str(api.key), api.name, first_sentence(api.about))


def family_lines(file):
    title = file.stem.replace("_", " ")
    place = f", in `{file.topic}`" if file.topic else ""
    yield from ("", f"### {title[0].upper()}{title[1:]}{place}", "", *about_lines(file), "")
    if any(message.kind == "coordinator-key" for message in file.messages):
        yield from ("| type | key | value | versions | flexible | what it is |", "|---|---|---|---|---|---|")
        values = {message.key: message for message in file.messages if message.kind == "coordinator-value"}
        for key in file.messages:
            if key.kind == "coordinator-key":
                value = values[key.key]
                yield row(str(key.key), key.name, value.name, versions_of(value), flexible_of(value),
                          first_sentence(value.about) or first_sentence(key.about))
        return
    yield from ("| type | record | versions | flexible | what it is |", "|---|---|---|---|---|")
    for message in file.messages:
        yield row("" if message.key is None else str(message.key), message.name, versions_of(message),
                  flexible_of(message), first_sentence(message.about))


def about_lines(file):
    text = first_sentence(file.about)
    return [f"{text} Specification: {specification(file.stem + '.schema', file.stem)}."]


def emit_document(files):
    lines = [HEAD + APIS, *api_rows(files), REMOVED, *removed_rows(files), RECORDS]
    for file in files:
        if file.api is None:
            lines += family_lines(file)
    return "\n".join(lines) + "\n"
