"""What has no place in any file: unfinished work, one machine's paths, one machine's processor."""

import re

from engine import Found, rule

OWN = ("tools/tidy/",)  # the rules and their tests name what they ban

UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
MACHINE = re.compile(r"(?<![\w.$}*/-])/(?:work|root|home/\w+|Users/\w+|workspace|builds)(?=/|\b)(?![\w-])")
REGISTRY = re.compile(
    r"\b(?:[\w-]+\.)*(?:artifactory|nexus|registry|registry-\d|repo1?|mirrors?|proxy|deb|archive|pypi|npm|crates|"
    r"index|static|files)\.(?:[\w-]+\.)*(?:com|org|net|io|dev|internal|local|corp|lan)\b", re.IGNORECASE)
EXAMPLE = re.compile(r"example\.(?:com|org|net)$|\.apache\.org$", re.IGNORECASE)
NATIVE = re.compile(r"-m(?:arch|tune|cpu)=native\b")


def _texts(tree):
    for file in tree.files.values():
        if not file.path.startswith(OWN) and not file.path.endswith((".json.gz", ".hex")):
            yield file


@rule("unfinished", "finish it, or say in the documents what is missing")
def unfinished(tree):
    for file in _texts(tree):
        for line, match in file.search(UNFINISHED, file.text):
            yield Found(file.path, line, match[0])


@rule("machine-path", "write paths relative to the repository, or make a temporary folder")
def machine_path(tree):
    for file in _texts(tree):
        for line, match in file.search(MACHINE, file.text):
            yield Found(file.path, line, match[0])


@rule("registry-host", "leave the choice of package source to the machine's own configuration")
def registry_host(tree):
    for file in _texts(tree):
        for line, match in file.search(REGISTRY, file.text):
            if not EXAMPLE.search(match[0]):
                yield Found(file.path, line, match[0])


@rule("native-code", "build for the oldest processor that is promised; choose faster code at run time")
def native_code(tree):
    for file in _texts(tree):
        for line, match in file.search(NATIVE, file.text):
            yield Found(file.path, line, match[0])
