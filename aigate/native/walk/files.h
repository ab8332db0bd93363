// What the walk asks of the operating system: open a directory, list it, tell what an entry is. No policy.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace aigate::walk {

struct Identity {
    uint64_t device = 0, inode = 0;
    bool operator==(const Identity& other) const { return device == other.device && inode == other.inode; }
};

enum class Type : uint8_t { Unknown, File, Directory, Link, Socket, Other };

struct Status {
    Identity identity;
    Type type = Type::Unknown;
    uint32_t mode = 0;
    uint64_t links = 0;
};

// Of what is listed or opened; 0 or an errno.
int status_of(int descriptor, Status& into);
int status_at(int directory, const char* name, bool follow, Status& into);
// False only where a link surely leads to no directory: less work for the kernel than to tell all that stat(2) does.
bool may_lead_to_directory(int directory, const char* link, size_t length);

// A descriptor, or a negated errno.
//   Read: to list it; Pass: only to reach what is in it, which needs less rights.
enum class Purpose : uint8_t { Read, Pass };
int open_directory(int above, const char* name, Purpose purpose, bool follow);
int duplicate(int descriptor);
void close_directory(int descriptor);

// What a link leads to.
struct Target {
    Status status;
    std::string path{};  // real path, empty where the kernel does not tell
};
int target_at(int directory, const char* name, Target& into);

struct Entry {
    const char* name;
    size_t length;
    uint64_t inode;
    Type type;
};

// Lists a directory, a portion at a time.
class Listing {
  public:
    Listing();
    Listing(const Listing&) = delete;
    Listing& operator=(const Listing&) = delete;
    ~Listing();

    void begin(int descriptor);
    // The next portion, without `.` and `..`: 0, then entries() holds some; ends with none. Or an errno.
    int portion();
    const std::vector<Entry>& entries() const { return entries_; }

  private:
    int descriptor_ = -1;
    std::vector<char> buffer_;
    std::vector<Entry> entries_;
    void* stream_ = nullptr;  // where there are no portions
};

// What kind of file system a directory lies on.
struct FileSystem {
    bool kernels = false;       // its files are the kernel's switches
    bool plain_inodes = false;  // the inode numbers of its entries are those of the files
};
FileSystem file_system_of(int descriptor);

// Whether this thread may read and enter any directory.
bool may_enter_all();
// Whether it may enter this one.
bool may_enter(int descriptor);

}  // namespace aigate::walk
