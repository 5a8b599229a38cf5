// The composition root of the program `ottla`: it orders parts and holds no logic.

#include <cstdio>
#include <cstring>

namespace {

constexpr char kHelp[] =
    "Ottla: Apache Kafka as one native program.\n"
    "\n"
    "usage: ottla --version   print the version\n"
    "       ottla --help      print this text\n"
    "\n"
    "The broker is not part of this build yet.\n";

}  // namespace

int main(int argc, char** argv) {
  const char* wish = argc == 2 ? argv[1] : "";
  if (std::strcmp(wish, "--version") == 0) return std::puts("ottla " OTTLA_VERSION) < 0 ? 1 : 0;
  if (std::strcmp(wish, "--help") == 0) return std::fputs(kHelp, stdout) < 0 ? 1 : 0;
  std::fprintf(stderr, "ottla: the broker is not part of this build yet; see ottla --help\n");
  return 1;
}
