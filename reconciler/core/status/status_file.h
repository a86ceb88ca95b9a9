#pragma once

#include <string>
#include <string_view>

#include "reconciler/core/status/record.h"
#include "schemas/error.h"

namespace lockkeeper {

/// `<namespace>/<upgrade>.yaml` and `clusters/<cluster>.yaml`, below the Fleet's status path. Bytes that a
/// file name should not have are written as %XX, names that would be too long end in a hash; a '/' in a
/// cluster's name makes a folder. Different names give different paths, and no path is a folder of another.
std::string StatusFilePath(const ObjectName& upgrade);
std::string HistoryFilePath(std::string_view cluster);

/// The status file of SPEC 5. The same record gives the same bytes.
std::string FormatStatusFile(const UpgradeRecord& record);

/// Reads FormatStatusFile's output (or the same YAML written in another way). kInvalid: it is no status file,
/// with the place.
Result<UpgradeRecord> ParseStatusFile(std::string_view file, std::string_view text);

/// ParseStatusFile without the short way for the form in which we write it, to compare with.
Result<UpgradeRecord> ParseStatusYaml(std::string_view file, std::string_view text);

/// What a history file holds before its entries.
std::string FormatHistoryHeader(std::string_view cluster);

/// One entry of a cluster's history, indented as a list item.
std::string FormatHistoryEntry(const ObjectName& upgrade, const ClusterRecord& line);

/// A history file with `entry` put in front of the entries of `before` (empty: a new file). What people added
/// above the entries stays. kInvalid: `before` has no list of entries.
Result<std::string> PrependHistory(std::string_view cluster, std::string_view before, std::string_view entry);

}  // namespace lockkeeper
