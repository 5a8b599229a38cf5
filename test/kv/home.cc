#include "test/kv/home.h"

namespace ottla::kv {

Task<Result<void>> Home::set_up(FileSystem& files, std::string directory) {
  OTTLA_CO_CHECK(co_await files.make_directories(directory, Durability::synced));
  OTTLA_CO_CHECK(co_await LogFile::create(files, directory));
  co_return co_await save_ballot(files, directory, Ballot{});
}

Task<Result<Recovered>> Home::open() {
  Result<Ballot> ballot = co_await load_ballot(files_, directory_);
  if (ballot.ok()) {
    Result<std::vector<Entry>> entries = co_await log_.open();
    if (entries.ok()) co_return Recovered{*ballot, *std::move(entries)};
    if (entries.error() != Errc::not_found) co_return entries.error();
  } else if (ballot.error() != Errc::not_found) {
    co_return ballot.error();
  }
  OTTLA_CO_CHECK(co_await files_.remove_tree(directory_));
  OTTLA_CO_CHECK(co_await files_.make_directories(directory_, Durability::synced));
  OTTLA_CO_CHECK(co_await LogFile::create(files_, directory_));
  OTTLA_CO_TRY(std::vector<Entry> none, co_await log_.open());
  co_return Recovered{std::nullopt, std::move(none)};
}

Task<Result<void>> Home::write(Persist persist) {
  if (persist.ballot) OTTLA_CO_CHECK(co_await save_ballot(files_, directory_, *persist.ballot));
  if (!persist.truncate && persist.entries.empty()) co_return Result<void>();
  if (persist.truncate) OTTLA_CO_CHECK(co_await log_.truncate(*persist.truncate));
  OTTLA_CO_CHECK(co_await log_.append(persist.entries));
  co_return co_await log_.sync();
}

}  // namespace ottla::kv
