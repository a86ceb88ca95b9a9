#pragma once

#include <string>
#include <string_view>

#include "reconciler/core/status/record.h"
#include "schemas/error.h"

namespace lockkeeper {

/// `<namespace>/<upgrade>.yaml` and `clusters/<cluster>.yaml`, below the Fleet's status path. Bytes that a
/// file name should not have are written as %XX; a '/' in a cluster's name makes a folder.
std::string StatusFilePath(const ObjectName& upgrade);
std::string HistoryFilePath(std::string_view cluster);

/// The status file of SPEC 5. The same record gives the same bytes.
std::string FormatStatusFile(const UpgradeRecord& record);

/// Reads FormatStatusFile's output (or the same YAML written in another way). kInvalid: it is no status file,
/// with the place.
Result<UpgradeRecord> ParseStatusFile(std::string_view file, std::string_view text);

/// What a history file holds before its entries.
std::string FormatHistoryHeader(std::string_view cluster);

/// One entry of a cluster's history, indented as a list item.
std::string FormatHistoryEntry(const ObjectName& upgrade, const ClusterRecord& line);

/// A history file with `entry` put in front of the entries of `before` (empty: a new file). kInvalid:
/// `before` does not begin as a history file of this cluster does.
Result<std::string> PrependHistory(std::string_view cluster, std::string_view before, std::string_view entry);

}  // namespace lockkeeper
