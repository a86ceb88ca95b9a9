#include "gitops/repository/pack_merge.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "gitops/repository/pack_format.h"
#include "gitops/repository/pack_index.h"
#include "repository_test_cases.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

/// A repository that gets a source's commits as fetches bring them: one thin pack each, completed by git.
class PackMerge : public ::testing::Test {
 protected:
  enum class Deltas { kByOffset, kById };
  /// Everything that is new since the last call. The pack's stem.
  std::string Receive(Deltas deltas) {
    const std::string head = source_.Head();
    std::vector<std::string> arguments{"pack-objects", "--revs", "--thin", "--stdout", "--quiet"};
    if (deltas == Deltas::kByOffset) arguments.emplace_back("--delta-base-offset");
    std::string revisions = head + "\n";
    if (!received_.empty()) revisions += "^" + received_ + "\n";
    const std::string pack = source_.Git(arguments, revisions);
    const std::string name = target_.Git({"index-pack", "--stdin", "--fix-thin"}, pack);
    target_.Git({"update-ref", "refs/heads/main", head});
    received_ = head;
    return target_.path() + "/objects/pack/pack-" + name.substr(name.find('\t') + 1, 40);
  }
  std::string Merge(const std::vector<std::string>& stems) {
    const std::string objects = target_.path() + "/objects";
    auto store = ObjectStore::Open(objects);
    auto merged = MergePacks(*store, objects, stems);
    if (!merged) throw std::runtime_error(merged.error().message);
    const std::string stem = merged->stem();
    merged->Release();
    for (const std::string& old : stems) {
      for (const char* suffix : {".idx", ".pack", ".rev"}) ::unlink((old + suffix).c_str());
    }
    return stem;
  }
  /// Every id with its type and content.
  std::string AllObjects() const {
    std::string ids = target_.Git({"cat-file", "--batch-all-objects", "--batch-check=%(objectname)"});
    return target_.Git({"cat-file", "--batch"}, ids);
  }
  /// What git says of a pack; the longest chain of deltas in it.
  int ExpectSoundPack(const std::string& stem) {
    EXPECT_EQ(
        target_.TryGit({"index-pack", "--strict", "-o", source_.path() + "/checked.idx", stem + ".pack"})
            .errors,
        "");
    EXPECT_EQ(BytesOf(source_.path() + "/checked.idx"), BytesOf(stem + ".idx"))
        << "git would write the same index";
    ::unlink((source_.path() + "/checked.idx").c_str());
    std::istringstream lines(target_.Git({"verify-pack", "-v", stem + ".idx"}));
    int deepest = 0;
    for (std::string line; std::getline(lines, line);) {
      int length = 0;
      if (std::sscanf(line.c_str(), "chain length = %d", &length) == 1) deepest = std::max(deepest, length);
    }
    return deepest;
  }

  TempRepository source_;
  TempRepository target_;
  std::string received_;
};

TEST_F(PackMerge, EveryObjectStaysWhatItWas) {
  constexpr unsigned kSeed = 4711;
  std::mt19937 random(kSeed);
  auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  std::map<std::string, std::string> files;
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", round " + std::to_string(round));
    std::vector<std::string> stems;
    for (unsigned packs = 2 + below(6); packs > 0; --packs) {
      for (unsigned commits = 1 + below(3); commits > 0; --commits) {
        std::vector<TestFile> changes;
        for (unsigned changed = 1 + below(8); changed > 0; --changed) {
          const std::string path = "d" + std::to_string(below(3)) + "/f" + std::to_string(below(12));
          std::string& text = files[path];
          if (text.empty() || below(6) == 0) {
            text.clear();
            for (unsigned line = below(200); line > 0; --line)
              text += "line " + std::to_string(random()) + "\n";
          } else {
            text.insert(below(static_cast<unsigned>(text.size())), "changed " + std::to_string(random()));
          }
          changes.push_back({path, text});
        }
        source_.Commit(changes);
      }
      stems.push_back(Receive(below(2) == 0 ? Deltas::kByOffset : Deltas::kById));
    }
    // What earlier rounds merged is merged again now and then.
    for (const auto& entry : fs::directory_iterator(target_.path() + "/objects/pack")) {
      const std::string stem = (entry.path().parent_path() / entry.path().stem()).string();
      if (entry.path().extension() == ".idx" && std::ranges::count(stems, stem) == 0 && below(2) == 0)
        stems.push_back(stem);
    }
    std::ranges::shuffle(stems, random);
    const std::string before = AllObjects();
    const std::string stem = Merge(stems);
    EXPECT_EQ(AllObjects(), before);
    EXPECT_LE(ExpectSoundPack(stem), kMaxDeltaDepth);
    ExpectSound(target_);
  }
}

// Each fetch brings a delta upon what the one before brought, so that copying alone would make one chain of
// all.
TEST_F(PackMerge, ChainsStayShortAndObjectsAreKeptOnce) {
  std::string text;
  for (int line = 0; line < 300; ++line) text += "line " + std::to_string(line * 7919) + "\n";
  std::vector<std::string> stems;
  std::string merged;
  uint64_t received_bytes = 0;
  for (int i = 0; i < 75; ++i) {
    text.insert(static_cast<size_t>(i * 11), "x" + std::to_string(i));
    source_.Commit({{"file", text}});
    stems.push_back(Receive(Deltas::kByOffset));
    received_bytes += fs::file_size(stems.back() + ".pack");
    if (stems.size() < 15) continue;
    merged = Merge(stems);
    stems = {merged};
  }
  const int deepest = ExpectSoundPack(merged);
  EXPECT_LE(deepest, kMaxDeltaDepth);
  EXPECT_GT(deepest, kMaxDeltaDepth / 2) << "deltas should stay deltas";
  // The thin packs were completed with the whole file each, and that goes.
  EXPECT_LT(fs::file_size(merged + ".pack"), received_bytes / 3);
  ExpectSound(target_);
}

TEST_F(PackMerge, TagsAndEmptyPacks) {
  source_.Commit({{"a", "1"}});
  const std::string first = Receive(Deltas::kByOffset);
  target_.Git({"tag", "-a", "-m", "text", "v1"});
  target_.Git({"repack", "-d", "--quiet"});
  std::vector<std::string> stems;
  for (const auto& entry : fs::directory_iterator(target_.path() + "/objects/pack")) {
    if (entry.path().extension() == ".idx")
      stems.push_back((entry.path().parent_path() / entry.path().stem()).string());
  }
  ASSERT_EQ(stems.size(), 2U);
  const std::string before = AllObjects();
  ExpectSoundPack(Merge(stems));
  EXPECT_EQ(AllObjects(), before);
  auto store = ObjectStore::Open(target_.path() + "/objects");
  auto none = MergePacks(*store, target_.path() + "/objects", {});
  ASSERT_OK(none);
  EXPECT_TRUE(CheckPack(none->stem()).has_value());
}

// Each byte of a pack and its index is under some checksum.
TEST_F(PackMerge, EveryFlippedByteIsFound) {
  source_.Commit({{"a", "1"}, {"b", std::string(400, 'b')}});
  source_.Commit({{"b", std::string(400, 'b') + "c"}});
  const std::string stem = Receive(Deltas::kById);
  const std::string objects = target_.path() + "/objects";
  for (const char* suffix : {".pack", ".idx"}) {
    const std::string bytes = BytesOf(stem + suffix);
    // The fan-out is a kilobyte of the same.
    const size_t step = suffix == std::string(".idx") ? 7 : 1;
    ::chmod((stem + suffix).c_str(), 0644);
    for (size_t at = 0; at <= bytes.size(); at += step) {
      std::string damaged = bytes;
      if (at < bytes.size()) {
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
      } else {
        damaged.pop_back();
      }
      std::ofstream(stem + suffix, std::ios::binary) << damaged;
      auto store = ObjectStore::Open(objects);
      auto merged = MergePacks(*store, objects, {stem});
      ASSERT_FALSE(merged.has_value()) << suffix << " at " << at;
      ASSERT_EQ(merged.error().kind, ErrorKind::kInvalid) << merged.error().message;
    }
    std::ofstream(stem + suffix, std::ios::binary) << bytes;
  }
  for (const auto& entry : fs::directory_iterator(objects + "/pack"))
    EXPECT_TRUE(entry.path().string().starts_with(stem)) << entry.path();
  ExpectSoundPack(Merge({stem}));
}

TEST(PackEntryHead, ReadsWhatIsWritten) {
  for (uint64_t size :
       {uint64_t{0}, uint64_t{15}, uint64_t{16}, uint64_t{2047}, uint64_t{2048}, uint64_t{1} << 40}) {
    for (uint64_t distance :
         {uint64_t{1}, uint64_t{127}, uint64_t{128}, uint64_t{16511}, uint64_t{16512}, uint64_t{1} << 33}) {
      const std::string bytes = PackEntryHeader(kPackOffsetDelta, size) + PackBaseOffset(distance);
      auto head = ParsePackEntryHead(bytes + "rest");
      ASSERT_TRUE(head);
      EXPECT_EQ(head->type, kPackOffsetDelta);
      EXPECT_EQ(head->size, size);
      EXPECT_EQ(head->base_distance, distance);
      EXPECT_EQ(head->bytes, bytes.size());
      for (size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(ParsePackEntryHead(bytes.substr(0, cut)));
    }
  }
  EXPECT_FALSE(ParsePackEntryHead(std::string(40, '\xff')));
  EXPECT_FALSE(ParsePackEntryHead(std::string(1, '\x05')));
  EXPECT_FALSE(ParsePackEntryHead(std::string(1, '\x5f'))) << "type 5";
}

}  // namespace
}  // namespace lockkeeper
