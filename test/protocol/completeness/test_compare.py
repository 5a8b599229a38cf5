"""Shows each sort of difference to be found: one description on both sides, then one fact of it changed."""

import copy
import pathlib
import tempfile
import unittest

import notation
import reference
from facts import differences

OURS = """topic t

coordinator-value 7 Thing 0-3 flexible 2+ latest-unstable
  firstName    string      0+    default=x ignorable key topic-name
  secondName   int32       1-2   default=2147483647 broker-id
  maybe        [int8]?     0+    default=null
  later        string      1+    nullable=2+
  tagged       int16       2+    tag=0 default=-1
  old          string?     0+    inflexible
  large        bytes       0+    zero-copy
  inner        Inner       0+
    deep       bool        0+    default=true
  shared       [Common]    0+
  struct Common 1+
    one        uuid        0+

coordinator-key 7 ThingKey 0 flexible none
"""
THEIRS = {
    "apiKey": 7, "type": "coordinator-value", "name": "Thing", "validVersions": "0-3", "flexibleVersions": "2+",
    "latestVersionUnstable": True,
    "fields": [
        {"name": "FirstName", "type": "string", "versions": "0+", "default": "x", "ignorable": True, "mapKey": True,
         "entityType": "topicName", "about": "Not compared."},
        {"name": "SecondName", "type": "int32", "versions": "1-2", "default": "0x7fffffff", "entityType": "brokerId"},
        {"name": "Maybe", "type": "[]int8", "versions": "0+", "nullableVersions": "0+", "default": "null"},
        {"name": "Later", "type": "string", "versions": "1+", "nullableVersions": "2+"},
        {"name": "Tagged", "type": "int16", "taggedVersions": "2+", "tag": 0, "default": -1},
        {"name": "Old", "type": "string", "versions": "0+", "nullableVersions": "0+", "flexibleVersions": "none"},
        {"name": "Large", "type": "bytes", "versions": "0+", "zeroCopy": True},
        {"name": "Inner", "type": "Inner", "versions": "0+",
         "fields": [{"name": "Deep", "type": "bool", "versions": "0+", "default": True}]},
        {"name": "Shared", "type": "[]Common", "versions": "0+"},
    ],
    "commonStructs": [{"name": "Common", "versions": "1+",
                       "fields": [{"name": "One", "type": "uuid", "versions": "0+"}]}],
}
MESSAGE_CHANGES = {
    "kind": ("type", "data"), "key": ("apiKey", 8), "versions": ("validVersions", "0-4"),
    "flexible": ("flexibleVersions", "3+"), "latest-unstable": ("latestVersionUnstable", False),
}
FIELD_CHANGES = {  # fact -> (field, word, another value)
    "type": (1, "type", "int64"), "versions": (1, "versions", "1+"), "nullable": (3, "nullableVersions", "1+"),
    "tag": (4, "tag", 1), "tagged": (4, "taggedVersions", "3+"), "default": (1, "default", "0x7ffffffe"),
    "ignorable": (0, "ignorable", False), "key": (0, "mapKey", False), "names": (0, "entityType", "groupId"),
    "zero-copy": (6, "zeroCopy", False), "inflexible": (5, "flexibleVersions", None),
}


def ours(text=OURS):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "a.schema").write_text(text, encoding="utf-8")
        return notation.facts_of(notation.schemas(pathlib.Path(folder)))["Thing"]


def found(theirs):
    return [path for path, _, _ in differences(ours(), reference.message_facts(theirs))]


class Compare(unittest.TestCase):
    def setUp(self):
        self.theirs = copy.deepcopy(THEIRS)

    def test_two_sides_that_say_the_same(self):
        self.assertEqual(found(self.theirs), [])

    def test_each_fact_of_a_message(self):
        for fact, (word, value) in MESSAGE_CHANGES.items():
            with self.subTest(fact):
                self.assertEqual(found({**self.theirs, word: value}), [fact])

    def test_each_fact_of_a_field(self):
        for fact, (index, word, value) in FIELD_CHANGES.items():
            with self.subTest(fact):
                theirs = copy.deepcopy(THEIRS)
                theirs["fields"][index][word] = value
                name = theirs["fields"][index]["name"]
                expected = [f"fields.{name[0].lower()}{name[1:]}.{fact}"]
                if word == "taggedVersions":  # where the field's versions are not said, they are these
                    expected.insert(0, "fields.tagged.versions")
                self.assertEqual(found(theirs), expected)

    def test_a_changed_fact_deep_inside(self):
        self.theirs["fields"][7]["fields"][0]["default"] = False
        self.theirs["commonStructs"][0]["fields"][0]["versions"] = "1+"
        self.theirs["commonStructs"][0]["versions"] = "0+"
        self.assertEqual(found(self.theirs), ["fields.inner.structure.fields.deep.default", "shared.Common.versions",
                                              "shared.Common.fields.one.versions"])

    def test_fields_that_one_side_has_alone(self):
        del self.theirs["fields"][2]
        self.assertEqual(found(self.theirs), ["order", "fields.maybe"])
        self.theirs["fields"].insert(2, {"name": "Other", "type": "int8", "versions": "0+"})
        self.assertEqual(found(self.theirs), ["order", "fields.maybe", "fields.other"])

    def test_another_order(self):
        self.theirs["fields"].reverse()
        self.assertEqual(found(self.theirs), ["order"])

    def test_another_name_differs_even_in_case(self):
        self.theirs["fields"][1]["name"] = "Secondname"
        self.assertEqual(found(self.theirs), ["order", "fields.secondName", "fields.secondname"])

    def test_a_shared_structure_that_is_none(self):
        inner = self.theirs.pop("commonStructs")[0]
        self.theirs["fields"][8]["fields"] = inner["fields"]
        self.assertEqual(found(self.theirs), ["fields.shared.structure", "shared.Common"])

    def test_a_null_of_json_is_no_default(self):
        self.theirs["fields"][2]["default"] = None
        self.assertEqual(found(self.theirs), ["fields.maybe.default"])

    def test_null_only_where_the_field_is(self):
        self.theirs["fields"][3]["nullableVersions"] = "2-9"
        self.assertEqual(found(self.theirs), ["fields.later.nullable"])
        self.theirs["fields"][2].update(versions="1+", nullableVersions="0+")
        self.assertEqual(found(self.theirs)[0], "fields.maybe.versions")

    def test_one_spelling_for_each_default(self):
        for index, same in ((1, 2147483647), (1, "2147483647"), (4, "-1"), (7, {})):
            theirs = copy.deepcopy(THEIRS)
            if same != {}:
                theirs["fields"][index]["default"] = same
            self.assertEqual(found(theirs), [])
        self.theirs["fields"][3]["default"] = ""
        self.theirs["fields"][0]["default"] = "X"
        self.assertEqual(found(self.theirs), ["fields.firstName.default"])

    def test_words_that_nobody_compares_are_refused(self):
        for place, word in ((self.theirs, "deprecatedVersions"), (self.theirs["fields"][0], "minimum"),
                            (self.theirs["commonStructs"][0], "about")):
            place[word] = "0"
            with self.assertRaisesRegex(reference.Unknown, f"{word}, which nobody compares"):
                reference.message_facts(self.theirs)
            del place[word]
        with self.assertRaisesRegex(reference.Unknown, "flexible in versions of its own: 3"):
            self.theirs["fields"][0]["flexibleVersions"] = "3+"
            reference.message_facts(self.theirs)

    def test_listeners(self):
        request = {"apiKey": 1, "type": "request", "name": "PingRequest", "validVersions": "0",
                   "flexibleVersions": "none", "fields": [], "listeners": ["controller", "broker"]}
        self.assertEqual(reference.message_facts(request)["listeners"], "broker, controller")
        with self.assertRaisesRegex(reference.Unknown, "is no request"):
            reference.message_facts({**request, "type": "response"})

    def test_a_removed_api(self):
        theirs = {"apiKey": 4, "type": "request", "name": "PingRequest", "validVersions": "none"}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "a.schema")
            path.write_text("api 0 Ping removed\n", encoding="utf-8")
            facts = notation.facts_of(notation.schemas(path.parent))
        self.assertEqual(list(differences(facts["PingRequest"], reference.message_facts(theirs))),
                         [("key", "0", "4")])

    def test_comments_are_no_json(self):
        self.assertEqual(reference.read('// A text.\n{\n  // Another.\n  "a": "b // c"\n}'), {"a": "b // c"})
