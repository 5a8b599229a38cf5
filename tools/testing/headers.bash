#!/usr/bin/env bash
# Compiles every header of every module alone, with all warnings.
source tools/dev/shared.bash
configure release
all=$(grep -c '"file": ".*/headers/' build/release/compile_commands.json)
failed=0
output=$(cmake --build build/release -j "$jobs" --target headers -- -k 0 2>&1) || failed=1
printf '%s\n' "$output"
if [[ $failed != 0 ]]; then
  failed=$(grep -c '^FAILED: ' <<<"$output") || failed=1
fi
echo "$((all - failed)) passed, $failed failed"
[[ $failed == 0 ]]
