"""Configuration keys: a row says what its key does, and that is so."""

import re

from engine import Found, rule

TABLES = "src/config/tables/"
# Their keys exist in the metadata alone, and are read by name.
OF_OTHERS = {"topics.h", "groups.h", "client_metrics.h", "entity_quotas.h"}
SYNONYMS = "src/config/synonyms.cc"
# Who looks at a key only to refuse a value does not act upon it.
CHECKS = re.compile(r"^src/config/(?:\w+_rules|node_alteration|protections|known_classes|loading)\.cc$")
# Keys that do something although nobody reads them through their handle.
READ_OTHERWISE = {
    "broker.id": "node_config.cc makes a node.id of it",
    "config.providers": "providers.cc reads its text before any value has a type",
    "authorizer.class.name": "refuses to start until it is built",
    "principal.builder.class": "refuses to start, but for the one that is built in",
    "delegation.token.secret.key": "refuses to start until it is built",
    "create.topic.policy.class.name": "refuses to start until it is built",
    "alter.config.policy.class.name": "refuses to start until it is built",
    "client.quota.callback.class": "refuses to start until it is built",
    "remote.log.storage.system.enable": "refuses to start until it is built",
}
ROW = re.compile(r'^ {4}\{"([a-z0-9_.]+)",\s*Type::.*?\},$', re.MULTILINE | re.DOTALL)
HANDLE = re.compile(r'node_key<\s*"([^"]+)"\s*>')
TOPIC_ROW = re.compile(r'^ {4}\{"([a-z0-9.]+)",\s*\{(\{.*?\})\}\},$', re.MULTILINE | re.DOTALL)


def _rows(tree):
    for file in tree.files.values():
        if file.path.startswith(TABLES) and file.name not in OF_OTHERS:
            for line, match in file.search(ROW, file.text):
                effect = re.search(r"Effect::(\w+)", match[0])
                yield file.path, line, match[1], effect[1] if effect else "as_described"


def _acting(tree):
    for file in tree.files.values():
        if (file.path.startswith("src/") and re.search(r"\.(?:cc|h)$", file.path) and not file.is_test
                and not file.is_benchmark and not file.path.startswith(TABLES) and not CHECKS.match(file.path)):
            yield file


def _read(tree) -> tuple[set[str], set[str]]:
    """Keys that somebody reads: through their own handle; as what a topic falls back to."""
    files = list(_acting(tree))
    own = {match[1] for file in files for match in HANDLE.finditer(file.text)}
    topics = {word for file in files if not file.path.startswith("src/config/")
              for word in re.findall(r'"([a-z0-9.]+)"', file.text)}
    fallen_back = set()
    if tree.get(SYNONYMS):
        for match in TOPIC_ROW.finditer(tree.get(SYNONYMS).text):
            if match[1] in topics:
                fallen_back.update(re.findall(r'\{"([a-z0-9.]+)"', match[2]))
    return own, fallen_back


@rule("key-effect", "act upon the key; or say in its row Effect::none or Effect::not_yet, if that is how it is")
def key_effect(tree):
    own, fallen_back = _read(tree)
    for path, line, name, effect in _rows(tree):
        read = name in own or name in fallen_back or name in READ_OTHERWISE
        if effect == "as_described" and not read:
            yield Found(path, line, f"'{name}' is said to have an effect, and nobody reads it")
        elif effect != "as_described" and name in own:
            yield Found(path, line, f"'{name}' is said to have no effect, and somebody reads it")
