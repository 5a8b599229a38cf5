#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "config/key.h"
#include "config/key_table.h"
#include "config/known_classes.h"
#include "config/value.h"
#include "config/value_check.h"
#include "test/config/script.h"

namespace ottla::config::reference {
namespace {

using Samples = std::vector<std::string>;

const Samples kIntegers = {"",
                           "0",
                           "-1",
                           "1",
                           "+5",
                           " 7 ",
                           "2147483647",
                           "2147483648",
                           "-2147483648",
                           "-2147483649",
                           "32767",
                           "32768",
                           "9223372036854775807",
                           "9223372036854775808",
                           "1.0",
                           "1e3",
                           "0x10",
                           "abc",
                           "1_000",
                           "--1",
                           "+-1",
                           "+",
                           "-",
                           "007",
                           "1 2",
                           "\t3\n"};
const Samples kReals = {"",       "0",        "1",         "-1",         "0.5",          ".5",
                        "5.",     "1e-4",     "1E4",       "1e7",        "NaN",          "-NaN",
                        "nan",    "Infinity", "-Infinity", "inf",        "1d",           "1.5f",
                        "0x1p3",  "0x1",      "1e",        "1.2.3",      "1,5",          " 0.25 ",
                        "1e400",  "1e-400",   "0.1",       "123456.789", "1234567890.5", "0.9999999999999999",
                        "3.0E-5", "abc",      "+.5",       "1L",         "0x.8p1",       "0x1.8P-1D"};
const Samples kBooleans = {"true", "false", "TRUE", " False ", "yes", "1", "0", "", "tru", "true false", "t"};
const Samples kTexts = {"", " ", "a", " a b ", "x,y", "\t\n", "\xc3\xa4", "a=b", "null", "none", "*"};
const Samples kLists = {"",    " ",     "a",       "a,b", " a , b ", ",",     "a,",   ",a",  "a,,b",
                        "a,a", "a,b,a", "a\t,\nb", "*",   "* , a",   "a b,c", "null", "A,a", "[a]"};
const Samples kClasses = {"", "x", "com.example.None", " ", "java.lang.", "org.apache.kafka.Nothing", "int"};
const Samples kPasswords = {"", "secret", " secret ", "a,b", "[hidden]"};
const Samples kVoters = {"1@a:1",
                         "1@a:1,2@b:2",
                         "1@a:1,1@b:2",
                         "1@a",
                         "x@a:1",
                         "@a:1",
                         "1@",
                         "1@:1",
                         "1@a:",
                         "1@a:x",
                         "1@a:65536",
                         "1@a:0",
                         "1@[::1]:9",
                         "1@::1:9",
                         "-1@a:1",
                         "1@a@b:1",
                         "1@http://a:1",
                         "1@a b:1",
                         "1@a:99999999999",
                         " 1@a:1 , 2@b:2 ",
                         "1@0.0.0.0:1",
                         "2147483648@a:1",
                         "1@[a:1",
                         "1@a]:1",
                         "1@x://y://a:1",
                         "1@a_b-c%d.e:1"};
const Samples kBootstrap = {"a:1",           "a:1,b:2",     "a",         ":1",    "a:",         "a:x",
                            "a:65536",       "a:0",         "[::1]:9",   "::1:9", "http://a:1", "a b:1",
                            "a:99999999999", " a:1 , b:2 ", "0.0.0.0:1", ",",     "a:1,",       "a//b:1"};
const Samples kReplicas = {"*",  "1:2",   "1:2,3:4", " 1:2 , 3:4 ", "1:2,*",    "*,*",     "1:",
                           ":1", "1:2:3", "a:b",     "-1:2",        "1:2,,3:4", "1:2,1:2", ","};
const Samples kResets = {"latest",
                         "earliest",
                         "LATEST",
                         " latest ",
                         "none",
                         "by_duration:",
                         "by_duration:P1D",
                         "by_duration:PT1H2M3.456S",
                         "by_duration:PT0S",
                         "by_duration:-PT1S",
                         "by_duration:PT-1S",
                         "by_duration:P1Y",
                         "by_duration:P1W",
                         "by_duration:pt1h",
                         "by_duration:1h",
                         "by_duration",
                         "by_duration:P1DT",
                         "by_duration:PT",
                         "by_duration:P1DT1H",
                         "by_duration:PT1M1H",
                         "by_duration:PT1.S",
                         "by_duration:PT.1S",
                         "by_duration:PT0.0000000001S",
                         "by_duration:P106751991168D",
                         "by_duration:P-1DT24H",
                         "by_duration: PT1H",
                         "by_duration:PT1,5S"};

const Samples& samples(const Key& key) {
  switch (key.validator.kind) {
    case Validator::Kind::quorum_voters:
      return kVoters;
    case Validator::Kind::quorum_bootstrap:
      return kBootstrap;
    case Validator::Kind::throttled_replicas:
      return kReplicas;
    case Validator::Kind::offset_reset:
      return kResets;
    default:
      break;
  }
  switch (key.type) {
    case Type::boolean:
      return kBooleans;
    case Type::real:
      return kReals;
    case Type::list:
      return kLists;
    case Type::class_name:
      return kClasses;
    case Type::password:
      return kPasswords;
    case Type::string:
      return kTexts;
    default:
      return kIntegers;
  }
}

// Just inside and outside of the key's own bounds, and its own words.
Samples own_values(const Key& key) {
  Samples values;
  for (const double bound : {key.validator.least, key.validator.most}) {
    if (std::isinf(bound)) continue;
    for (const int step : {-1, 0, 1}) values.push_back(fmt::format("{}", bound + step));
  }
  for (std::string_view words = key.validator.words; !words.empty();) {
    const std::size_t end = words.find(", ");
    const std::string word(words.substr(0, end));
    std::string other = word;
    for (char& each : other) each ^= each == '_' || each == ' ' ? 0 : 0x20;
    values.insert(values.end(), {word, " " + word + " ", other, word + "," + word, word + ",x"});
    words.remove_prefix(end == std::string_view::npos ? words.size() : end + 2);
  }
  if (const auto text = key.otherwise.value()) values.emplace_back(*text);
  if (key.type == Type::class_name) {
    for (const KnownClass& each : known_classes()) values.emplace_back(each.name);
  }
  return values;
}

// A sample with a character put in, taken out or doubled.
std::string spoilt(std::string text, std::mt19937& random) {
  constexpr std::string_view kAlphabet = "0123456789abcxyzAEPT.,:;@-+_ /[]*%=";
  // Half a character of UTF-8 is nothing that the other end could read.
  if (std::ranges::any_of(text, [](char each) { return static_cast<unsigned char>(each) >= 0x80; }))
    return text;
  const std::size_t at = random() % (text.size() + 1);
  switch (random() % 3) {
    case 0:
      text.insert(at, 1, kAlphabet[random() % kAlphabet.size()]);
      break;
    case 1:
      if (at < text.size()) text.erase(at, 1);
      break;
    default:
      text.insert(at, text.substr(0, at));
      break;
  }
  return text;
}

std::string judged(const Key& key, std::string_view text) {
  const auto value = parse_value(key, text);
  if (!value.ok()) return "no\t" + escaped(value.error().text());
  if (const Password* secret = std::get_if<Password>(&*value)) return "ok\t" + escaped(secret->plain());
  return "ok\t" + escaped(text_of(*value).value_or(""));
}

}  // namespace

std::vector<std::string> random_values(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::string> lines;
  for (const Scope scope : kScopes) {
    for (const Key& key : keys_of(scope)) {
      if (key.name.starts_with("ottla.")) continue;
      Samples values = samples(key);
      const Samples own = own_values(key);
      values.insert(values.end(), own.begin(), own.end());
      for (int each = 0; each < 8; ++each) values.push_back(spoilt(values[random() % values.size()], random));
      for (const std::string& value : values) {
        lines.push_back(fmt::format("{}\t{}\t{}", name_of(scope), key.name, escaped(value)));
      }
    }
  }
  return lines;
}

std::vector<std::string> judged_values(const std::vector<std::string>& lines) {
  std::vector<std::string> answers;
  for (const std::string& line : lines) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    const std::string_view scope_name = std::string_view(line).substr(0, first);
    const std::string_view key_name = std::string_view(line).substr(first + 1, second - first - 1);
    for (const Scope scope : kScopes) {
      if (name_of(scope) != scope_name) continue;
      answers.push_back(
          judged(*find_key(scope, key_name), unescaped(std::string_view(line).substr(second + 1))));
    }
  }
  return answers;
}

}  // namespace ottla::config::reference
