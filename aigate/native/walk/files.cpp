// See files.h
#include "files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#ifdef __linux__
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#else
#include <sys/mount.h>
#include <sys/param.h>
#endif

namespace aigate::walk {

namespace {

constexpr size_t Portion = 1 << 16;

Type type_of(mode_t mode) {
    if (S_ISREG(mode)) return Type::File;
    if (S_ISDIR(mode)) return Type::Directory;
    if (S_ISLNK(mode)) return Type::Link;
    return S_ISSOCK(mode) ? Type::Socket : Type::Other;
}

Type listed_type(unsigned char type) {
    switch (type) {
        case DT_REG: return Type::File;
        case DT_DIR: return Type::Directory;
        case DT_LNK: return Type::Link;
        case DT_SOCK: return Type::Socket;
        case DT_UNKNOWN: return Type::Unknown;
        default: return Type::Other;
    }
}

void fill(const struct stat& found, Status& into) {
    into.identity = {static_cast<uint64_t>(found.st_dev), static_cast<uint64_t>(found.st_ino)};
    into.type = type_of(found.st_mode);
    into.mode = static_cast<uint32_t>(found.st_mode);
    into.links = static_cast<uint64_t>(found.st_nlink);
}

// File systems that wait for something (FUSE, NFS) end a call when a signal comes.
template <typename Call>
auto uninterrupted(Call call) {
    for (;;) {
        const auto result = call();
        if (result >= 0 || errno != EINTR) return result;
    }
}

bool is_dots(const char* name) { return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2])); }

// The path of what is open, from the kernel; empty where that is not what is there.
std::string path_of(int descriptor, const Status& opened) {
    char path[PATH_MAX];
#ifdef __linux__
    const std::string place = "/proc/self/fd/" + std::to_string(descriptor);
    const ssize_t length = readlink(place.c_str(), path, sizeof path);
    if (length <= 0 || static_cast<size_t>(length) >= sizeof path || path[0] != '/') return {};
    std::string found(path, static_cast<size_t>(length));
#else
    if (fcntl(descriptor, F_GETPATH, path) != 0) return {};
    std::string found(path);
#endif
    Status status;
    if (status_at(AT_FDCWD, found.c_str(), false, status) != 0 || !(status.identity == opened.identity)) return {};
    return found;
}

}  // namespace

int status_of(int descriptor, Status& into) {
    struct stat found;
    if (uninterrupted([&] { return fstat(descriptor, &found); }) != 0) return errno;
    fill(found, into);
    return 0;
}

int status_at(int directory, const char* name, bool follow, Status& into) {
    struct stat found;
    const int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
    if (uninterrupted([&] { return fstatat(directory, name, &found, flags); }) != 0) return errno;
    fill(found, into);
    return 0;
}

// A name that ends with a slash is a directory's (path_resolution(7)). AT_EACCESS: else the kernel makes other credentials first.
bool may_lead_to_directory(int directory, const char* link, size_t length) {
    constexpr size_t Longest = 255;
    if (length > Longest) return true;
    char name[Longest + 2];
    memcpy(name, link, length);
    name[length] = '/';
    name[length + 1] = 0;
    if (uninterrupted([&] { return faccessat(directory, name, F_OK, AT_EACCESS); }) == 0) return true;
    return errno != ENOTDIR && errno != ENOENT && errno != ELOOP;
}

int open_directory(int above, const char* name, Purpose purpose, bool follow) {
    int flags = O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
#ifdef O_PATH
    flags |= purpose == Purpose::Pass ? O_PATH : O_RDONLY;
#else
    flags |= O_RDONLY | O_NONBLOCK;
    (void)purpose;
#endif
    const int descriptor = uninterrupted([&] { return openat(above, name, flags); });
    return descriptor >= 0 ? descriptor : -errno;
}

int duplicate(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

void close_directory(int descriptor) {
    if (descriptor >= 0) close(descriptor);
}

int target_at(int directory, const char* name, Target& into) {
#ifdef O_PATH
    const int descriptor = uninterrupted([&] { return openat(directory, name, O_PATH | O_CLOEXEC); });
#else
    const int descriptor = openat(directory, name, O_EVTONLY | O_NONBLOCK | O_CLOEXEC);
#endif
    if (descriptor < 0) return errno;
    const int error = status_of(descriptor, into.status);
    if (!error) into.path = path_of(descriptor, into.status);
    close(descriptor);
    return error;
}

Listing::Listing() {
#ifdef __linux__
    buffer_.resize(Portion);
#endif
}

Listing::~Listing() {
#ifndef __linux__
    if (stream_) closedir(static_cast<DIR*>(stream_));
#endif
}

#ifdef __linux__

namespace {

struct Listed {  // linux_dirent64, getdents(2)
    uint64_t inode;
    int64_t offset;
    unsigned short size;
    unsigned char type;
    char name[1];
};

}  // namespace

void Listing::begin(int descriptor) { descriptor_ = descriptor; }

int Listing::portion() {
    entries_.clear();
    long got = 0;
    do {
        got = uninterrupted([&] { return syscall(SYS_getdents64, descriptor_, buffer_.data(), buffer_.size()); });
        if (got < 0) return errno == ENOENT ? 0 : errno;  // removed meanwhile
        for (const char *at = buffer_.data(), *end = at + got; at < end;) {
            const auto* listed = reinterpret_cast<const Listed*>(at);
            at += listed->size;
            const char* name = reinterpret_cast<const char*>(listed) + offsetof(Listed, name);
            if (!is_dots(name)) entries_.push_back({name, strlen(name), listed->inode, listed_type(listed->type)});
        }
    } while (entries_.empty() && got > 0);
    return 0;
}

#else

void Listing::begin(int descriptor) {
    if (stream_) closedir(static_cast<DIR*>(stream_));
    const int own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    stream_ = own < 0 ? nullptr : fdopendir(own);
    descriptor_ = own;
}

// One entry at a time: what readdir gives is only good until it is asked again.
int Listing::portion() {
    entries_.clear();
    if (!stream_) return EACCES;
    for (;;) {
        errno = 0;
        const dirent* listed = readdir(static_cast<DIR*>(stream_));
        if (!listed) return errno;
        if (is_dots(listed->d_name)) continue;
        entries_.push_back({listed->d_name, strlen(listed->d_name), listed->d_ino, listed_type(listed->d_type)});
        return 0;
    }
}

#endif

FileSystem file_system_of(int descriptor) {
    FileSystem found;
    struct statfs about;
    if (uninterrupted([&] { return fstatfs(descriptor, &about); }) != 0) return found;
#ifdef __linux__
    switch (static_cast<uint32_t>(about.f_type)) {
        case 0x9fa0:      // proc
        case 0x62656572:  // sysfs
        case 0x27e0eb:    // cgroup
        case 0x63677270:  // cgroup2
        case 0x64626720:  // debugfs
        case 0x74726163:  // tracefs
        case 0x73636673:  // securityfs
        case 0x62656570:  // configfs
        case 0xde5e81e4:  // efivarfs
        case 0xcafe4a11:  // bpf
        case 0x6165676c:  // pstore
        case 0x42494e4d:  // binfmt_misc
        case 0x65735543:  // fusectl
        case 0xf97cff8c:  // selinuxfs
        case 0x1cd1:      // devpts
            found.kernels = true;
            break;
        case 0xef53:      // ext2, ext3, ext4
        case 0x58465342:  // XFS
        case 0x01021994:  // tmpfs
        case 0x9123683e:  // btrfs: the numbers are right within a subvolume, and the devices differ
        case 0xf2f52010:  // F2FS
            found.plain_inodes = true;
            break;
        default: break;
    }
#else
    found.plain_inodes = strcmp(about.f_fstypename, "apfs") == 0 || strcmp(about.f_fstypename, "hfs") == 0;
    found.kernels = strcmp(about.f_fstypename, "devfs") == 0;
#endif
    return found;
}

bool may_enter_all() {
#ifdef __linux__
    __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2] = {};
    if (syscall(SYS_capget, &header, data) != 0) return false;
    return data[0].effective & (1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH);
#else
    return geteuid() == 0;
#endif
}

bool may_enter(int descriptor) { return faccessat(descriptor, ".", X_OK, AT_EACCESS) == 0; }

}  // namespace aigate::walk
