// Laws of the status that hold for any history; a failure names the seed.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "reconciler/core/status/rebuild.h"
#include "reconciler/core/status/status_file.h"
#include "reconciler/core/status/status_lines.h"
#include "reconciler/core/status/task_file.h"
#include "reconciler/core/status/transition.h"
#include "reconciler/core/status/write_status.h"
#include "tests/core/status/random_records.h"

namespace lockkeeper {
namespace {

using Bytes = RandomRecords::Bytes;

std::string Message(const Record& record) {
  return "Upgrade it\n\nFor a reason.\n\n" + FormatTrailers(record);
}

TEST(StatusProperty, TrailersLoseNothing) {
  for (uint64_t seed = 1; seed <= 20'000; ++seed) {
    const Record record = RandomRecords{seed}.NextRecord(Bytes::kAny);
    const std::string message = Message(record);
    const auto parsed = ParseTrailers(message);
    ASSERT_TRUE(parsed.has_value()) << "seed " << seed << ": " << parsed.error().message;
    ASSERT_TRUE(parsed->has_value()) << "seed " << seed << "\n" << message;
    ASSERT_EQ(**parsed, record) << "seed " << seed << "\n" << message;
    ASSERT_EQ(FormatTrailers(**parsed), FormatTrailers(record)) << "seed " << seed;
  }
}

TEST(StatusProperty, CrlfAndBlanksAtLineEndsChangeNothing) {
  for (uint64_t seed = 1; seed <= 2'000; ++seed) {
    const Record record = RandomRecords{seed}.NextRecord(Bytes::kAny);
    std::string message;
    for (char c : Message(record)) {
      if (c == '\n') message += seed % 2 == 0 ? "\r" : " \t";
      message += c;
    }
    const auto parsed = ParseTrailers(message);
    ASSERT_TRUE(parsed.has_value() && parsed->has_value()) << "seed " << seed << "\n" << message;
    ASSERT_EQ(**parsed, record) << "seed " << seed;
  }
}

/// Of every upgrade in turn, in random order within it.
UpgradeRecord RandomUpgrade(RandomRecords& random) {
  UpgradeRecord record;
  record.upgrade = random.Upgrade();
  record.target = random.Release();
  record.spec_hash = random.Release();
  std::map<std::string, ClusterRecord> lines;
  for (size_t n = random.Below(6); n > 0; --n) {
    ClusterRecord line = random.Line();
    lines[line.name] = line;
  }
  for (auto& [name, line] : lines) record.clusters.push_back(line);
  if (random.OneIn(3)) record.spec_changed_at = random.Time();
  if (random.OneIn(3)) record.plan = FrozenPlan{"sha256:0a", random.Text(Bytes::kUtf8)};
  if (random.OneIn(3)) {
    record.notice = NoticeRecord{random.Time(), random.Time(), random.Release(), random.SomeClusters(), {}};
    if (random.OneIn(2)) record.notice->reminders = {Seconds{604'800}, Seconds{90}};
  }
  return record;
}

TEST(StatusProperty, FilesLoseNothingWhicheverWayTheyAreRead) {
  for (uint64_t seed = 1; seed <= 10'000; ++seed) {
    RandomRecords random{seed};
    const UpgradeRecord record = RandomUpgrade(random);
    const std::string text = FormatStatusFile(record);
    const auto lines = ReadStatusLines(text);
    ASSERT_TRUE(lines.has_value()) << "seed " << seed << "\n" << text;
    ASSERT_EQ(*lines, record) << "seed " << seed << "\n" << text;
    const auto yaml = ParseStatusYaml("a.yaml", text);
    ASSERT_TRUE(yaml.has_value()) << "seed " << seed << ": " << yaml.error().message << "\n" << text;
    ASSERT_EQ(*yaml, record) << "seed " << seed << "\n" << text;
  }
}

TEST(StatusProperty, ReadersAgreeAboutFilesThatWereTouched) {
  size_t read_by_both = 0;
  for (uint64_t seed = 1; seed <= 20'000; ++seed) {
    RandomRecords random{seed};
    std::string text = FormatStatusFile(RandomUpgrade(random));
    const size_t at = random.Below(text.size());
    switch (random.Below(4)) {
      case 0:
        text.erase(at, 1 + random.Below(5));
        break;
      case 1:
        text.insert(at, random.Text(Bytes::kUtf8));
        break;
      case 2:
        text[at] = static_cast<char>(random.Below(0x80));
        break;
      default:
        text.insert(text.find('\n', at) + 1, "    until: 2026-03-01T00:00:00Z\n");
        break;
    }
    const auto lines = ReadStatusLines(text);
    if (!lines) continue;
    const auto whole = ParseStatusFile("a.yaml", text);
    const auto yaml = ParseStatusYaml("a.yaml", text);
    ASSERT_EQ(whole.has_value(), yaml.has_value()) << "seed " << seed << "\n" << text;
    if (!yaml) continue;
    ASSERT_EQ(*lines, *yaml) << "seed " << seed << "\n" << text;
    ++read_by_both;
  }
  EXPECT_GT(read_by_both, 500U);
}

/// The files below the status path, as a branch holds them.
using Tree = std::map<std::string, std::string>;

Tree FilesOf(const StatusRebuild& rebuild) {
  Tree files;
  for (const StatusWrite& file : rebuild.Files()) files[file.path] = file.content;
  return files;
}

void WriteInto(Tree& tree, const Record& record, StatusBook& book, TaskBook& tasks) {
  for (const StatusWrite& write : WriteTasks(record, tasks)) tree[write.path] = write.content;
  for (const StatusWrite& write : WriteStatus(record, book, [&](const std::string& path) {
         auto it = tree.find(path);
         return it == tree.end() ? std::string{} : it->second;
       })) {
    ASSERT_EQ(write.problem, "");
    tree[write.path] = write.content;
  }
}

/// As the next process finds it.
StatusBook ReadBook(const Tree& tree) {
  StatusBook book;
  for (const auto& [path, content] : tree) {
    if (path.starts_with("clusters/") || path.starts_with("tasks/")) continue;
    auto record = ParseStatusFile(path, content);
    EXPECT_TRUE(record.has_value()) << record.error().message << "\n" << content;
    if (record) book[record->upgrade] = *record;
  }
  return book;
}

TaskBook ReadTasks(const Tree& tree) {
  TaskBook book;
  for (const auto& [path, content] : tree) {
    if (!path.starts_with("tasks/")) continue;
    auto read = ParseTaskFile(path, content);
    EXPECT_TRUE(read.has_value()) << read.error().message << "\n" << content;
    if (!read) continue;
    EXPECT_EQ(TaskFilePath(read->first), path);
    EXPECT_TRUE(book.insert(*read).second) << path;
  }
  return book;
}

TEST(StatusProperty, RebuildGivesWhatWasWrittenByteForByte) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    RandomRecords random{seed};
    Tree tree;
    StatusBook book;
    TaskBook tasks;
    StatusRebuild from_records;
    StatusRebuild from_messages;
    for (size_t n = 1 + random.Below(60); n > 0; --n) {
      const Record record = random.NextRecord(Bytes::kAny);
      WriteInto(tree, record, book, tasks);
      from_records.Add(record);
      from_messages.AddCommit("c0ffee", Message(record));
      if (random.OneIn(4)) from_messages.AddCommit("c0ffee", "A cherry-pick\n\n" + FormatTrailers(record));
      if (random.OneIn(4))
        from_messages.AddCommit("c0ffee", "Revert \"Upgrade it\"\n\n" + FormatTrailers(record));
      // A new process has nothing but the files, and must think the same.
      ASSERT_EQ(ReadBook(tree), book);
      ASSERT_EQ(ReadTasks(tree), tasks);
    }
    ASSERT_EQ(FilesOf(from_records), tree);
    ASSERT_EQ(FilesOf(from_messages), tree);
    ASSERT_TRUE(from_messages.problems().empty()) << from_messages.problems().front();
    if (HasFailure()) return;
  }
}

TEST(StatusProperty, LinesStaySortedAndCountsAddUp) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    RandomRecords random{seed};
    StatusBook book;
    for (int n = 0; n < 40; ++n) Apply(random.NextRecord(Bytes::kAny), book);
    for (const auto& [name, record] : book) {
      ASSERT_EQ(record.upgrade, name);
      ASSERT_TRUE(std::ranges::is_sorted(record.clusters, {}, &ClusterRecord::name)) << "seed " << seed;
      ASSERT_EQ(std::ranges::adjacent_find(record.clusters, {}, &ClusterRecord::name), record.clusters.end());
      const UpgradeSummary s = Summarise(record);
      ASSERT_EQ(s.total, static_cast<int>(record.clusters.size()));
      ASSERT_EQ(s.total, s.pending + s.running + s.succeeded + s.unverified + s.failed + s.skipped);
      ASSERT_EQ(s.state == UpgradeState::kFinished, s.outcome != Outcome::kNone);
    }
  }
}

}  // namespace
}  // namespace lockkeeper
