// Thousands of fetches: what is open, and what is on the disk, has a bound; others read meanwhile.
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>

#include "gitops/remote/clone_upkeep.h"
#include "remote_test_cases.h"

namespace lockkeeper {
namespace {

namespace fs = std::filesystem;

size_t OpenFiles() {
  return static_cast<size_t>(
      std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

/// Without files that are mapped.
uint64_t ResidentKilobytes() {
  constexpr std::string_view kName = "RssAnon:";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(kName)) return std::stoull(line.substr(kName.size()));
  }
  return 0;
}

int Rounds(int usual) {
  const char* factor = std::getenv("LK_SOAK");
  return factor == nullptr ? usual : usual * std::stoi(factor);
}

// The rule alone, over a hundred thousand fetches of about the same size upon a large first clone.
TEST(PackChoice, KeepsPacksFewAndCopiesLittle) {
  const CloneLimits limits;
  std::mt19937 random(3);
  std::vector<ClonePack> packs{{"first", uint64_t{300} << 20}};
  uint64_t copied = 0;
  uint64_t fetched = 0;
  for (int fetch = 0; fetch < 100'000; ++fetch) {
    packs.push_back({"p" + std::to_string(fetch), 2000 + random() % 4000});
    fetched += packs.back().bytes;
    auto chosen = ChoosePacksToMerge(packs, limits);
    // The first clone, and what has become large since.
    constexpr size_t kLarge = 4;
    ASSERT_LT(packs.size(), limits.packs_max + kLarge);
    if (chosen.empty()) continue;
    ASSERT_GE(packs.size(), limits.packs_max);
    ASSERT_GE(chosen.size(), limits.packs_merged_min);
    uint64_t sum = 0;
    for (const ClonePack& pack : chosen) {
      sum += pack.bytes;
      std::erase(packs, pack);
    }
    packs.push_back({"m" + std::to_string(fetch), sum});
    copied += sum;
  }
  // 400 MB have come; each byte was copied a few times.
  EXPECT_LT(copied, 10 * fetched);
}

TEST(PackChoice, LeavesLargePacksAlone) {
  const CloneLimits limits;
  std::vector<ClonePack> packs;
  for (int i = 0; i < 40; ++i)
    packs.push_back({"large" + std::to_string(i), limits.merged_bytes_max * 3 / 4});
  EXPECT_TRUE(ChoosePacksToMerge(packs, limits).empty());
  for (size_t i = 1; i < limits.packs_max; ++i) packs.push_back({"small" + std::to_string(i), 100 * i});
  EXPECT_TRUE(ChoosePacksToMerge(packs, limits).empty()) << "or it would copy something at every fetch";
  packs.push_back({"medium", limits.merged_bytes_max / 2});
  auto chosen = ChoosePacksToMerge(packs, limits);
  EXPECT_EQ(chosen.size(), limits.packs_max - 1);
  for (const ClonePack& pack : chosen) EXPECT_TRUE(pack.stem.starts_with("small"));
}

class RemoteSoak : public RemoteTest {
 protected:
  // Where a sync costs nothing: these are about thousands of fetches, not about the disk.
  static void SetUpTestSuite() {
    if (const char* folder = std::getenv("TMPDIR")) folder_before_ = folder;
    if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  }
  static void TearDownTestSuite() {
    if (folder_before_.empty()) {
      ::unsetenv("TMPDIR");
    } else {
      ::setenv("TMPDIR", folder_before_.c_str(), 1);
    }
  }

  /// Commits with one changed file each, the first of them with all files; made beforehand, since git takes
  /// longer than a fetch.
  std::vector<std::string> MakeHistory(int commits, const std::string& branch, unsigned seed) {
    std::mt19937 random(seed);
    std::string stream;
    auto put = [&](int file) {
      const std::string text = "cluster " + std::to_string(file) + "\nversion: " + std::to_string(random()) +
                               "\n" + std::string(200, 'x') + "\n";
      stream += "M 100644 inline clusters/" + std::to_string(file % 7) + "/" + std::to_string(file) +
                ".yaml\ndata " + std::to_string(text.size()) + "\n" + text + "\n";
    };
    for (int i = 0; i < commits; ++i) {
      stream += "commit refs/heads/" + branch + "\ncommitter T <t@example.com> " +
                std::to_string(1700000000 + i) + " +0000\ndata 1\nx\n";
      for (int file = 0; i == 0 && file < kFiles; ++file) put(file);
      put(static_cast<int>(random() % kFiles));
    }
    remote_.Git({"fast-import", "--quiet", "--date-format=raw"}, stream);
    std::istringstream lines(remote_.Git({"rev-list", "--reverse", branch}));
    std::vector<std::string> ids;
    for (std::string line; std::getline(lines, line);) ids.push_back(line);
    remote_.Git({"update-ref", "refs/kept/" + branch, ids.back()});
    return ids;
  }
  void MoveRemote(const std::string& id) {
    // As fast as a test needs it; nobody else writes there.
    std::ofstream(remote_.path() + "/refs/heads/main.new") << id << "\n";
    fs::rename(remote_.path() + "/refs/heads/main.new", remote_.path() + "/refs/heads/main");
  }
  /// Everything in a commit; the files' number. The first error.
  static Result<size_t> ReadAll(Repository& repository, const std::string& commit) {
    auto files = repository.Diff("", commit);
    if (!files) return std::unexpected(files.error());
    for (const TreeDifference& file : *files) {
      auto bytes = repository.ReadBlob(file.entry.id);
      if (!bytes) return std::unexpected(bytes.error());
      if (!bytes->starts_with("cluster ")) return Invalid("another blob than was asked for");
    }
    return files->size();
  }
  uint64_t CloneBytes() const { return BytesBelow(clone(), UINT64_MAX); }

  static constexpr int kFiles = 60;
  static inline std::string folder_before_;
};

TEST_F(RemoteSoak, FetchesLeaveTheCloneSmall) {
  const int rounds = Rounds(3000);
  const auto ids = MakeHistory(rounds, "main", 1);
  const CloneLimits limits{.growth_free = uint64_t{4} << 20};
  auto repository = Open(limits);
  size_t files_max = 0;
  size_t packs_max = 0;
  uint64_t bytes_max = 0;
  uint64_t memory_early = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    MoveRemote(ids[i]);
    auto commit = repository->Fetch();
    ASSERT_OK(commit);
    ASSERT_EQ(*commit, ids[i]);
    if (i % 10 == 0) {
      ASSERT_EQ(ReadAll(*repository, *commit).value_or(0), static_cast<size_t>(kFiles)) << i;
    }
    packs_max = std::max(packs_max, Packs().size());
    files_max = std::max(files_max, OpenFiles());
    bytes_max = std::max(bytes_max, CloneBytes());
    if (i == ids.size() / 4) memory_early = ResidentKilobytes();
  }
  EXPECT_LE(packs_max, limits.packs_max);
  EXPECT_LE(files_max, 2 * limits.packs_max + 20);
  const uint64_t memory = ResidentKilobytes();
  // The remote is in this process too, and walks all its commits whenever the clone is made anew.
  EXPECT_LT(memory, memory_early + 10'000 + 4 * ids.size());
  repository.reset();
  ExpectSoundClone();
  TempFolder fresh;
  RunGit(fresh.path(), {"clone", "--quiet", "--bare", "--single-branch", "--branch=main",
                        "file://" + remote_.path(), "x.git"});
  const uint64_t needed = BytesBelow(fresh.path() + "/x.git/objects", UINT64_MAX);
  EXPECT_LT(bytes_max, 4 * needed + limits.growth_free + (1 << 20));
  std::printf(
      "%zu fetches: at most %zu packs, %zu open files, %lu KB on disk (git clone: %lu KB); memory %lu -> %lu "
      "KB\n",
      ids.size(), packs_max, files_max, bytes_max / 1024, needed / 1024, memory_early, memory);
}

// A branch that is rewritten again and again leaves what nobody needs, and that goes.
TEST_F(RemoteSoak, RewrittenBranchesAreForgotten) {
  const int rounds = Rounds(80);
  const CloneLimits limits{.packs_max = 8, .packs_merged_min = 4, .growth_free = 100'000};
  MakeHistory(1, "main", 1);
  auto repository = Open(limits);
  std::mt19937 random(9);
  std::string noise(20'000, '\0');
  uint64_t bytes_max = 0;
  for (int i = 0; i < rounds; ++i) {
    for (char& c : noise) c = static_cast<char>(random());
    remote_.Git(
        {"update-ref", "refs/heads/main", remote_.Git({"rev-parse", "refs/kept/main"}).substr(0, 40)});
    const std::string head = remote_.Commit({{"noise", noise}});
    ASSERT_EQ(repository->Fetch().value_or("-"), head);
    bytes_max = std::max(bytes_max, CloneBytes());
  }
  EXPECT_LT(bytes_max, 450'000U) << "of " << rounds * 20'000 << " that have come";
  EXPECT_TRUE(repository->TakeProblems().empty());
  ExpectSoundClone();
}

TEST_F(RemoteSoak, OthersReadMeanwhile) {
  const int rounds = Rounds(400);
  const auto ids = MakeHistory(rounds, "main", 2);
  MoveRemote(ids[0]);
  // Small enough for a dozen compactions and some clones made anew.
  auto repository = Open({.packs_max = 12, .packs_merged_min = 6, .growth_free = 60'000});
  ASSERT_OK(repository->Fetch());
  std::atomic<bool> done = false;
  std::atomic<int> passes = 0;
  std::mutex mutex;
  std::vector<std::string> errors;
  std::vector<std::thread> readers;
  for (int thread = 0; thread < 2; ++thread) {
    readers.emplace_back([&, reader = std::shared_ptr<Repository>(std::move(*repository->OpenReader()))] {
      std::string before;
      while (!done) {
        auto read = [&]() -> Result<void> {
          auto commit = reader->Fetch();
          if (!commit) return std::unexpected(commit.error());
          auto files = ReadAll(*reader, *commit);
          if (!files) return std::unexpected(files.error());
          if (!before.empty()) {
            if (auto changed = reader->Diff(before, *commit); !changed)
              return std::unexpected(changed.error());
          }
          before = *commit;
          auto walked =
              reader->WalkHistory(*commit, [depth = 0](const CommitRecord&) mutable { return ++depth < 30; });
          if (!walked) return walked;
          auto named = reader->Resolve(commit->substr(0, 12));
          return named ? Result<void>() : std::unexpected(named.error());
        }();
        ++passes;
        if (read) continue;
        std::lock_guard lock(mutex);
        errors.push_back(read.error().message);
      }
    });
  }
  std::string clone_before = git_dir();
  int clones = 0;
  for (const std::string& id : ids) {
    MoveRemote(id);
    auto commit = repository->Fetch();
    EXPECT_EQ(commit.value_or("-"), id) << (commit ? "" : commit.error().message);
    if (git_dir() != clone_before) ++clones;
    clone_before = git_dir();
  }
  // Each of them sees the end.
  const int enough = passes + 6;
  while (passes < enough) std::this_thread::yield();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_TRUE(errors.empty()) << errors.size() << " of " << passes << ", first: " << errors.front();
  EXPECT_GT(clones, 1);
  EXPECT_TRUE(repository->TakeProblems().empty());
  ExpectSoundClone();
}

}  // namespace
}  // namespace lockkeeper
