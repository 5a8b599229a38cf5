// Which of its two parts a node has: some names are told of one of them alone.
#pragma once

namespace ottla::server {

struct NodeRoles {
  bool broker = false;
  bool controller = false;
};

}  // namespace ottla::server
