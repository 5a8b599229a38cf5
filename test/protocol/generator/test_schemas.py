"""What every schema of ours keeps to beyond the notation: described, aligned, and silent about credentials."""

import re
import unittest

from language import MESSAGES, api, parsed

WIDTH = 140
CREDENTIAL = re.compile(r"password|hmac|^salt|^authBytes$|^storedKey$|^serverKey$|secret", re.IGNORECASE)
FIELD = re.compile(r"( +)(\w+)( +)(\S+)( +)(\S+)(?:( +)([^# ].*?))?( +#.*)?$")


def undescribed(file):
    """What has no description: the API or the family, and each record of a family of several."""
    missing = [] if file.about else [file.stem]
    if file.api is None and len(file.messages) > 1:
        missing += [message.name for message in file.messages if not message.about]
    return missing


def printed_credentials(file):
    """Fields with a credential's name that are not secret."""
    return [f"{message.name}.{each.name}" for message in file.messages for structure in message.structures()
            for each in structure.fields
            if each.type in ("string", "bytes") and CREDENTIAL.search(each.name) and not each.secret]


def ragged(text):
    """Numbers of the lines that are too long, or whose columns are not those of their message."""
    found, columns = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > WIDTH or line != line.rstrip():
            found.append(number)
        elif not line.startswith(" "):
            columns = None
        elif not line.lstrip().startswith(("#", "struct ")):
            match = FIELD.match(line)
            here = (match.start(4), match.start(6)) if match else None
            columns = columns or here
            if here is None or here != columns:
                found.append(number)
    return found


class Schemas(unittest.TestCase):
    def test_each_is_described_aligned_and_keeps_its_secrets(self):
        paths = sorted(MESSAGES.glob("*.schema"))
        self.assertGreater(len(paths), 100)
        for path in paths:
            with self.subTest(path.name):
                text = path.read_text(encoding="utf-8")
                file = parsed(self.alone(text))
                self.assertEqual((undescribed(file), printed_credentials(file), ragged(text)), ([], [], []))

    @staticmethod
    def alone(text):
        """The same with a key that needs no other APIs beside it."""
        return re.sub(r"^api \d+", "api 0", text, flags=re.MULTILINE)

    def test_what_is_not_described_is_found(self):
        self.assertEqual(undescribed(parsed(api())), ["a"])
        self.assertEqual(undescribed(parsed("# Of many.\n\n# One.\ndata A 0 flexible none\n\ndata B 0 flexible none\n")),
                         ["B"])

    def test_a_credential_that_would_be_printed_is_found(self):
        fields = "saltedPassword bytes 0+\nhmac bytes 0+ secret\nauthBytes string 0+\nbasalt bytes 0+"
        self.assertEqual(printed_credentials(parsed(api(fields))),
                         ["PingRequest.saltedPassword", "PingRequest.authBytes"])

    def test_ragged_lines_are_found(self):
        self.assertEqual(ragged("request 0\n  a   int8    0+  key  # of b\n  bc  string  0+\n"
                                "response 0\n  a  int8  0+\n"), [])
        self.assertEqual(ragged("request 0\n  a   int8    0+\n  bc string   0+\n  d   int8   0+\n  e   int8    0+ \n"),
                         [3, 4, 5])
        self.assertEqual(ragged(f"# {'a' * WIDTH}\n"), [1])
