// What goes over an HTTP connection: a request, a response, and their fields.
//
// Lifetime:    owns all that it holds.
// Concurrency: plain data; the body belongs to the shard that read it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/slice.h"

namespace ottla::http {

struct Field {
  std::string name;
  std::string value;  // without blanks around it
};

// Names are found whatever case they are written in.
class Fields {
 public:
  Fields() = default;
  Fields(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  // The value of the first field of that name; null when there is none.
  const std::string* find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  // Whether a field of that name lists `token`, as "Connection: close, te" lists "close".
  bool lists(std::string_view name, std::string_view token) const;

  std::size_t size() const { return fields_.size(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

struct Request {
  std::string method;  // GET
  std::string target;  // /metrics?name=x, as it was sent
  Fields fields;
  Slice body;
  bool keep_alive = true;  // whether the client will read another response on this connection

  // The target up to its question mark, and what follows it.
  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  std::string_view query() const;
};

struct Response {
  int status = 200;
  Fields fields = {};
  Chain body = {};

  static Response text(int status, std::string_view body);
};

// "Not Found"; empty for numbers that have no name here.
std::string_view reason_of(int status);

}  // namespace ottla::http
