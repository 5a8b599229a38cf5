// A counted claim on something shared inside one shard: copying claims once more, destroying gives back.
//
// Use:         Claim<Block> owner = Claim<Block>::adopt(block);  T brings claim() and give_back().
// Lifetime:    what T does when its last claim is given back is T's own affair (free, go home to a pool).
// Concurrency: counts are plain integers, so claims stay on the shard that owns T.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace ottla {

template <typename T>
class Claim {
 public:
  Claim() = default;
  Claim(std::nullptr_t) {}
  // Takes over a claim that exists already, such as the first one of a new object.
  static Claim adopt(T* target) noexcept {
    Claim claim;
    claim.target_ = target;
    return claim;
  }
  // Claims `target` once more.
  static Claim share(T* target) noexcept {
    if (target != nullptr) target->claim();
    return adopt(target);
  }

  Claim(const Claim& other) noexcept : target_(other.target_) {
    if (target_ != nullptr) target_->claim();
  }
  Claim(Claim&& other) noexcept : target_(std::exchange(other.target_, nullptr)) {}
  template <typename Derived>
    requires std::is_convertible_v<Derived*, T*>
  Claim(Claim<Derived> other) noexcept : target_(other.detach()) {}
  Claim& operator=(const Claim& other) noexcept {
    if (target_ != other.target_) Claim(other).swap(*this);
    return *this;
  }
  Claim& operator=(Claim&& other) noexcept {
    Claim(std::move(other)).swap(*this);
    return *this;
  }
  ~Claim() {
    if (target_ != nullptr) target_->give_back();
  }

  T* get() const { return target_; }
  T& operator*() const { return *target_; }
  T* operator->() const { return target_; }
  explicit operator bool() const { return target_ != nullptr; }

  // Leaves the claim uncounted in the caller's hands, to be adopted again.
  [[nodiscard]] T* detach() noexcept { return std::exchange(target_, nullptr); }
  void swap(Claim& other) noexcept { std::swap(target_, other.target_); }

  friend bool operator==(const Claim& a, const Claim& b) = default;

 private:
  T* target_ = nullptr;
};

}  // namespace ottla
