"""What the generator writes: the same for ever, with names and defaults that C++ takes."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from language import GENERATOR, HOUSE, MESSAGES, Folder, api, emit_document, header_of, parsed, snake, source_of

EVERY_TYPE = """data Thing 0-3 flexible 2+
  aBool        bool      0+
  anInt8       int8      0+   default=-128
  anInt16      int16     0+
  aUint16      uint16    0+   default=65535
  anInt32      int32     0+   default=-2147483648
  aUint32      uint32    0+   default=4294967295
  anInt64      int64     0+   default=-9223372036854775808
  aFloat64     float64   0+
  aUuid        uuid      0+
  aString      string    0+   default=some
  aNullString  string?   0+   default=null
  aBytes       bytes     0+
  aNullBytes   bytes?    0+   default=null zero-copy
  someRecords  records?  0+   default=null
  onOff        bool      0+   default=true
  strings      [string]  0+
  arrays       [bytes]?  0+   default=null
  inner        Inner     0+
    a          int8      1+   default=7
  maybe        Maybe?    0+   default=null
    a          [Deep]    2+   tag=1
      b        uuid      2+
    c          string    1+   tag=0(2+) nullable=2+
"""
# Names that mean something else in C++ or in what is generated.
AWKWARD = "\n".join(f"{name} int32 0+" for name in
                    "default class int and xor namespace errno linux structure message read unknownTags at end out "
                    "version std protocol ottla view uuid array".split())
WALKED = """default [int32] 0+
read [string] 0+
topics [Topic]? 0+
  ids [uuid] 0+
  message string? 0+ default=null
  parts [Part] 0+
    index int32 0+
  single Single 0+
    a [int8] 2+ tag=0
  plain Plain 0+
    b int8 0+"""


def generate(messages, output, seed="0"):
    return subprocess.run([sys.executable, "-B", GENERATOR, messages, output], check=False, capture_output=True,
                          text=True, env={**os.environ, "PYTHONHASHSEED": seed})


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Output(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def run_once(self, name, seed="0"):
        self.assertEqual(generate(MESSAGES, self.folder / name, seed).returncode, 0)
        return contents(self.folder / name)

    def test_two_runs_give_the_same_bytes_whatever_the_hash_seed(self):
        first = self.run_once("a")
        self.assertGreater(len(first), 200)
        self.assertEqual(first, self.run_once("b", seed="4711"))
        self.assertEqual(first, self.run_once("c", seed="random"))

    def test_a_file_whose_content_stays_is_not_touched(self):
        messages = self.folder / "messages"
        shutil.copytree(MESSAGES, messages)
        output = self.folder / "output"
        generate(messages, output)
        for path in output.rglob("*.*"):
            os.utime(path, ns=(1, 1))
        with (messages / "vote.schema").open("a") as schema:
            schema.write("  oneMore  int8  2+\n")
        self.assertEqual(generate(messages, output).returncode, 0)
        touched = {str(path.relative_to(output)) for path in output.rglob("*.*") if path.stat().st_mtime_ns != 1}
        self.assertLessEqual({"messages/vote.cc"}, touched)
        self.assertLessEqual(touched, {"messages/vote.h", "messages/vote.cc"})

    def test_the_list_names_what_is_written(self):
        listed = generate(MESSAGES, "--list").stdout.split()
        self.assertEqual(listed, sorted(str(path) for path in self.run_once("a")))

    def test_an_error_goes_to_stderr_and_writes_nothing(self):
        with Folder(api("a int8")) as folder:
            ended = generate(folder.path, self.folder / "none")
        self.assertEqual((ended.returncode, ended.stdout), (1, ""))
        self.assertRegex(ended.stderr, r"/a\.schema:4: write: NAME TYPE VERSIONS")
        self.assertFalse((self.folder / "none").exists())

    def test_wrong_arguments_show_the_usage(self):
        ended = subprocess.run([sys.executable, "-B", GENERATOR], check=False, capture_output=True, text=True)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("python3 generator MESSAGES_FOLDER OUTPUT_FOLDER", ended.stderr)

    def test_what_is_written_compiles(self):
        files = {"types.schema": "topic t\n\n" + EVERY_TYPE, "plain.schema": api(AWKWARD, WALKED, name="Delete"),
                 "hot.schema": api(AWKWARD, WALKED, name="Hot", key=1, traits="broker hot")}
        with Folder(files) as folder:
            self.assertEqual(generate(folder.path, self.folder / "protocol").stderr, "")
        unit = self.folder / "unit.cc"
        unit.write_text("".join(f'#include "protocol/{name}"\n' for name in
                                ("messages/types.cc", "messages/plain.cc", "messages/hot.cc", "tables.cc")))
        ended = subprocess.run(["clang++-19", "-std=c++23", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
                                "-Wno-invalid-offsetof", f"-I{self.folder}", f"-I{HOUSE / 'src'}", unit],
                               check=False, capture_output=True, text=True)
        self.assertEqual(ended.returncode, 0, ended.stderr)


class Document(unittest.TestCase):
    def test_the_page_in_docs_is_current(self):
        written = subprocess.run([sys.executable, "-B", GENERATOR, MESSAGES, "--document"], check=True,
                                 capture_output=True, text=True).stdout
        self.assertEqual((HOUSE / "docs/protocol.md").read_text(), written, "see its first lines: generate it anew")

    def test_what_a_line_says(self):
        files = {"a.schema": "# Asks. At length.\n" + api(traits="controller broker forwardable cluster-action",
                                                         versions="0-3 flexible 2+ latest-unstable"),
                 "b.schema": "# Was asked.\napi 1 Gone removed\n",
                 "c.schema": "# Many.\n\ntopic t\n\ncoordinator-key 3 K 0 flexible none\n  a int8 0\n\n# One.\n"
                             "#   1: more.\ncoordinator-value 3 V 0-1 flexible 1+\n  b int8 0+\n"}
        with Folder(files) as folder:
            document = emit_document(folder.parse())
        self.assertIn("| 0 | [Ping](../src/protocol/messages/a.schema) | 0-2 (3) | 2+ | broker, controller | yes | yes | "
                      "Asks. |\n", document)
        self.assertIn("| 1 | Gone | Was asked. |\n", document)
        self.assertIn("### C, in `t`\n\nMany. Specification: [c.schema]", document)
        self.assertIn("| 3 | K | V | 0-1 | 1+ | One. |\n", document)


class Parsing(unittest.TestCase):
    def test_descriptions(self):
        file = parsed("# What the\n# family is.\n\n# What the thing is.\ndata Thing 0 flexible none\n"
                      "  a  int8  0  # in ms\n\n# And\n# another.\ndata Other 0 flexible none\n")
        self.assertEqual(file.about, ["What the", "family is."])
        self.assertEqual([message.about for message in file.messages], [["What the thing is."], ["And", "another."]])
        self.assertEqual(file.messages[0].root.fields[0].about, "in ms")

    def test_a_description_goes_on_below_its_field(self):
        fields = parsed("data Thing 0 flexible none\n  a int8 0  # one\n            # two\n   # three\n  b int8 0\n"
                        ).messages[0].root.fields
        self.assertEqual([each.about for each in fields], ["one two three", ""])

    def test_descriptions_of_an_api(self):
        file = parsed("# Asks.\napi 0 Ping broker\n\n# How.\nrequest 0 flexible none\n\n# What.\n"
                      "response 0 flexible none\n")
        self.assertEqual((file.about, file.api.request.about, file.api.response.about),
                         (["Asks."], ["How."], ["What."]))

    def test_a_topic_then_records(self):
        file = parsed("# All.\n\ntopic some-topic_1\n\n# One.\nmetadata 7 Thing 0 flexible 0+\n")
        self.assertEqual((file.topic, file.about, file.messages[0].key), ("some-topic_1", ["All."], 7))

    def test_one_shared_structure_serves_several_fields(self):
        root = parsed("data Thing 0-1 flexible none\n  a [A] 0+\n  b A 1+\n  struct A 0+\n    c int8 0+\n"
                      ).messages[0].root
        self.assertIs(root.fields[0].structure, root.fields[1].structure)

    def test_nullable_and_tagged_in_some_versions(self):
        each = parsed(api("a string 1+ nullable=2+ tag=0(3+)")).api.request.root.fields[0]
        self.assertEqual((str(each.versions), str(each.nullable), each.tag, str(each.tagged)), ("1+", "2+", 0, "3+"))


class Names(unittest.TestCase):
    def test_snake_case(self):
        for name, snaked in (("topicId", "topic_id"), ("v3AndBelowTopics", "v3_and_below_topics"),
                             ("KRaftVersion", "k_raft_version"), ("lastKnownElr", "last_known_elr"),
                             ("GetURLs", "get_ur_ls"), ("a", "a"), ("INT8Value", "int8_value")):
            self.assertEqual(snake(name), snaked)

    def test_words_that_mean_something_else_get_a_line_behind_them(self):
        header = header_of(api(AWKWARD))
        for name in ("default_", "int_", "and_", "errno_", "structure_", "message_", "read_", "unknown_tags_"):
            self.assertIn(f"  std::int32_t {name} = 0;", header)
        self.assertIn("  std::int32_t version = 0;", header)

    def test_tables_keep_the_names_of_the_wire(self):
        source = source_of(api("default int32 0+"))
        self.assertIn('.name = "default", .offset = offsetof(PingRequest, default_)', source)


class Defaults(unittest.TestCase):
    def test_of_each_type(self):
        header = header_of(EVERY_TYPE)
        for line in ("bool a_bool = false;", "std::int8_t an_int8 = -128;", "std::int16_t an_int16 = 0;",
                     "std::uint16_t a_uint16 = 65535;", "std::int32_t an_int32 = INT32_MIN;",
                     "std::uint32_t a_uint32 = 4294967295;", "std::int64_t an_int64 = INT64_MIN;",
                     "double a_float64 = 0;", "Uuid a_uuid = {};", 'std::string_view a_string = "some";',
                     "NullableText a_null_string = nullptr;", "Bytes a_bytes = {};",
                     "Bytes a_null_bytes = Bytes::null();", "Records some_records = nullptr;", "bool on_off = true;",
                     "Array<std::string_view> strings = {};", "Array<Bytes> arrays = Array<Bytes>::null();",
                     "Inner inner = {};", "Optional<Maybe> maybe = nullptr;"):
            self.assertIn(f"  {line}\n", header)

    def test_a_null_text_without_a_default_is_empty(self):
        self.assertIn('NullableText a = "";', header_of("data Thing 0 flexible none\n  a string? 0\n"))

    def test_unknown_tags_only_where_there_can_be_tags(self):
        self.assertIn("UnknownTags unknown_tags = {};", header_of("data Thing 0-1 flexible 1+\n"))
        self.assertNotIn("UnknownTags", header_of("data Thing 0 flexible none\n"))

    def test_a_note_says_versions_tag_and_description(self):
        header = header_of(api("a int8 1+ # in ms\nb int8 2+ tag=0\nc int8 0+"))
        self.assertIn("a = 0;  // v1+: in ms\n", header)
        self.assertIn("b = 0;  // v2+, tag 0\n", header)
        self.assertIn("c = 0;\n", header)


class Views(unittest.TestCase):
    def test_only_hot_apis_have_views(self):
        self.assertNotIn("View", header_of(api(WALKED)))
        self.assertNotIn("HotCodec", source_of(api(WALKED)))

    def test_only_structures_with_arrays_have_views(self):
        header = header_of(api(WALKED, traits="broker hot"))
        self.assertEqual(header.count("struct View {"), 3)  # the request, Topic, Single
        for line in ("Sequence<std::int32_t> default_ = {};", "Sequence<std::string_view> read_ = {};",
                     "Sequence<Topic::View> topics = {};", "Sequence<Uuid> ids = {};", "Sequence<Part> parts = {};",
                     "Single::View single = {};", "Plain plain = {};", "NullableText message_ = nullptr;"):
            self.assertIn(f"    {line}\n", header)

    def test_a_view_has_no_room_for_unknown_tags(self):
        view = header_of(api(WALKED, traits="broker hot")).split("struct View {")[-1].split("};")[0]
        self.assertNotIn("unknown_tags", view)
        self.assertIn("kNoUnknownTags", source_of(api(WALKED, traits="broker hot")))

    def test_the_message_without_arrays_has_codecs_but_no_view(self):
        source = source_of(api(WALKED, traits="broker hot"))
        self.assertIn("kPingRequestViewCodec = HotCodec<kPingRequestView, Versions{", source)
        self.assertIn("kPingResponseCodec = HotCodec<kPingResponse, Versions{", source)
        self.assertNotIn("kPingResponseView", source)


class Tables(unittest.TestCase):
    def test_what_a_field_says(self):
        source = source_of(api("a string 1+ nullable=2+ tag=0(3+) key ignorable secret inflexible default=x"))
        self.assertIn('{.name = "a", .offset = offsetof(PingRequest, a), .kind = Kind::nullable_string, '
                      ".flags = FieldFlag::kKey | FieldFlag::kIgnorable | FieldFlag::kInflexible | FieldFlag::kSecret, "
                      ".versions = {1, kOpen}, .nullable = {2, kOpen}, .tagged = {3, kOpen}, .tag = 0},", source)

    def test_tags_are_listed_by_their_numbers(self):
        source = source_of(api("a int8 2+ tag=1\nb int8 0+\nc int8 2+ tag=0"))
        self.assertIn("kPingRequestTags[] = {2, 0};", source)
