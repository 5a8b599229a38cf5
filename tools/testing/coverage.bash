#!/usr/bin/env bash
# Which lines the unit tests run: a table of all files, and pages in build/coverage/report/.
source tools/dev/shared.bash
compile coverage >&2 || fail "the preset coverage does not build"
profiles=build/coverage/profiles
rm -rf "$profiles" && mkdir -p "$profiles"
LLVM_PROFILE_FILE=$PWD/$profiles/%p.profraw tools/testing/gtest.py coverage >&2 || fail "the tests do not pass"
llvm-profdata-19 merge -sparse "$profiles"/*.profraw -o "$profiles/all.profdata"
mapfile -t programs < <(ctest --test-dir build/coverage --show-only=json-v1 |
  python3 -c 'import json, sys; [print(test["command"][0]) for test in json.load(sys.stdin)["tests"]]')
common=(-instr-profile="$profiles/all.profdata" -compilation-dir=.
  -ignore-filename-regex='(_test\.cc|^test/|/testing/|^/usr/)' "${programs[0]}")
for program in "${programs[@]:1}"; do common+=(-object "$program"); done
llvm-cov-19 report "${common[@]}" -show-region-summary=false -show-branch-summary=false
llvm-cov-19 show "${common[@]}" -format=html -output-dir=build/coverage/report >/dev/null
echo "coverage: pages in build/coverage/report/index.html"
