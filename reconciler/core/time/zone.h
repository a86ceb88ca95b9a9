#pragma once

#include <memory>
#include <optional>
#include <string>

#include "schemas/error.h"
#include "schemas/instant.h"

namespace lockkeeper {

class ZoneRules;

/// A time zone, of the system's database as a rule, and SPEC 3's mapping of wall-clock times to instants.
/// Both directions are monotone: a later wall-clock time never starts (or ends) at an earlier instant.
class Zone {
 public:
  /// kInvalid: no name of the IANA database. Paths, folders and names that only this system knows are refused
  /// too.
  static Result<Zone> Load(const std::string& name);
  /// One that is not in the database.
  Zone(std::string name, std::shared_ptr<const ZoneRules> rules);

  const std::string& name() const { return name_; }
  CivilTime Civil(Instant instant) const;
  /// The first instant at which the wall shows this time or, where it skips it, a later one.
  Instant Start(CivilTime time) const;
  /// The last instant at which the wall shows it; where it is skipped the first one after.
  Instant End(CivilTime time) const;
  /// The last wall-clock time whose Start is at or before the instant.
  CivilTime LastStart(Instant at_or_before) const;
  /// The last wall-clock time whose End is at or before the instant.
  CivilTime LastEnd(Instant at_or_before) const;
  /// `2021-03-11 08:00 CET`; seconds only where they are not zero.
  std::string Format(Instant instant) const;

 private:
  std::string name_;
  std::shared_ptr<const ZoneRules> rules_;
};

}  // namespace lockkeeper
