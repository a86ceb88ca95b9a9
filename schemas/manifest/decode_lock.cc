#include <fmt/format.h>

#include "schemas/manifest/kind_decoders.h"

namespace lockkeeper {
namespace {

/// The schema has asked for exactly one of expiresAt and ttl, and for startTime beside the latter.
void DecodeEnd(const Place& spec, ClusterLock& lock, FieldReader& read) {
  Place end = spec["expiresAt"];
  Place length = spec["ttl"];
  std::optional<Instant> expires_at;
  std::optional<Seconds> ttl;
  read.Moment(end, expires_at);
  read.Duration(length, ttl);
  if (expires_at && lock.start && *expires_at <= *lock.start) {
    read.findings().Error(end, "bad-value",
                          fmt::format("{} is not after startTime {}; the lock would never hold",
                                      FormatInstant(*expires_at), FormatInstant(*lock.start)));
  }
  if (expires_at) lock.expires_at = *expires_at;
  if (!ttl || !lock.start || expires_at) return;
  lock.expires_at = *lock.start + *ttl;
  if (!IsWritable(lock.expires_at)) {
    read.findings().Error(length, "out-of-range", "the lock would end after the year 9999");
  }
}

}  // namespace

ClusterLock DecodeLock(const Place& document, FieldReader& read) {
  ClusterLock lock;
  read.Metadata(document["metadata"], lock.name);
  Place spec = document["spec"];
  lock.match = DecodeMatch(spec, read);
  Place reason = spec["reason"];
  read.Prose(reason, lock.reason);
  if (reason.has_text() && lock.reason.find_first_not_of(" \t\r\n") == std::string::npos) {
    read.findings().Fallback(reason, "empty", "must not be blank");
  }
  read.Moment(spec["startTime"], lock.start);
  DecodeEnd(spec, lock, read);
  DecodeScopes(spec["scope"], lock.scope, read);
  read.Line(spec["createdBy"], lock.created_by);
  return lock;
}

}  // namespace lockkeeper
