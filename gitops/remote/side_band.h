#pragma once

#include <string>
#include <string_view>

#include "gitops/remote/pkt_line.h"
#include "schemas/error.h"

namespace lockkeeper {

/// The lines of a side-band-64k answer: band 1 is the answer itself, band 2 is for people, band 3 ends it.
class SideBand {
 public:
  /// The part of band 1 in this line; empty for the others. kTransient with the server's words: band 3, or no
  /// band.
  Result<std::string_view> Take(std::string_view data);
  /// The end of what the server said to people, as one line.
  std::string said() const;

 private:
  std::string said_;
};

}  // namespace lockkeeper
