#include "runtime/travel.h"

#include "runtime/file.h"
#include "runtime/shard.h"

namespace ottla {

// Holds the original on behalf of who received it; travels home as a message of its own and dies there.
class TravelClaim final : public Message {
 public:
  TravelClaim(Shard& home, Chain original) : home_(home), original_(std::move(original)) {}

  bool at_home() const { return &Shard::current() == &home_; }
  Chain& original() { return original_; }
  void go_home() {
    Shard* here = Shard::current_or_null();
    if (here == nullptr || here == &home_ || here->killed()) {
      delete this;
    } else {
      here->send(home_, *this);
    }
  }

 private:
  ~TravelClaim() = default;
  void run(Shard&) override { delete this; }
  void abandon() override { delete this; }

  Shard& home_;
  Chain original_;
};

namespace {

// Owns, on the receiving shard, everything that arrived with one message.
class ProxyBlock final : public Block {
 public:
  ProxyBlock(TravelClaim& claim, std::size_t capacity) : Block(capacity, &let_go), claim_(claim) {}

 private:
  static void let_go(Block* block) noexcept {
    auto* proxy = static_cast<ProxyBlock*>(block);
    proxy->claim_.go_home();
    delete proxy;
  }

  TravelClaim& claim_;
};

std::size_t pinned_by(const Chain& chain) {
  std::size_t pinned = 0;
  for (std::size_t i = 0; i < chain.piece_count(); ++i) {
    if (const Slice* slice = chain.piece(i).slice()) pinned += slice->pinned_capacity();
  }
  return pinned;
}

}  // namespace

Travelling::Travelling(Chain chain) : claim_(new TravelClaim(Shard::current(), std::move(chain))) {}

Travelling::~Travelling() {
  if (claim_ != nullptr) claim_->go_home();
}

Chain Travelling::arrive() && {
  OTTLA_INVARIANT(claim_ != nullptr, "a traveller arrives once");
  TravelClaim& claim = *std::exchange(claim_, nullptr);
  if (claim.at_home()) {
    Chain original = std::move(claim.original());
    claim.go_home();
    return original;
  }
  const Chain& original = claim.original();
  const Claim<Block> proxy = Claim<Block>::adopt(new ProxyBlock(claim, pinned_by(original)));
  Chain here;
  for (std::size_t i = 0; i < original.piece_count(); ++i) {
    const Piece& piece = original.piece(i);
    if (const Slice* slice = piece.slice()) {
      here.append(Slice(proxy, slice->as_span()));
      continue;
    }
    const Range& range = *piece.range();
    OTTLA_INVARIANT(range.source().kind() == RangeSource::Kind::file, "only file ranges can travel");
    const auto& source = static_cast<const FileRangeSource&>(range.source());
    here.append(Range(source.foreign_view(proxy), range.offset(), range.size()));
  }
  return here;
}

}  // namespace ottla
