#!/usr/bin/env bash
# g++ is refused when the build is configured, and the message says why and what to do.
source tools/dev/shared.bash
gcc=aarch64-linux-gnu-g++ # any g++ will do; this one is here for the cross compile
command -v "$gcc" >/dev/null || fail "$gcc is missing: install g++-aarch64-linux-gnu (./dev setup)"
folder=build/test/gcc
rm -rf "$folder"
if output=$(cmake -G Ninja -S . -B "$folder" -DCMAKE_CXX_COMPILER="$gcc" 2>&1); then
  fail "g++ was accepted"
fi
output=$(tr -s ' \n' ' ' <<<"$output")
for words in 'clang 19 or later, not with GNU' 'g++ 12 miscompiles coroutines' "Run './dev setup', then './dev build'"; do
  [[ $output == *"$words"* ]] || fail "g++ was refused without the words '$words': $output"
done
echo "g++ is refused with the reason"
