// Something that is made when it is first asked for, by whichever thread comes first.
#pragma once

#include <atomic>
#include <mutex>

namespace aigate {

// Afterwards it costs one load. Not std::call_once, which costs several calls, and through which an exception finds its way
// only with the help of a library that may have to be loaded then.
class Once {
  public:
    template <typename Make>
    void operator()(Make make) {
        if (done_.load(std::memory_order_acquire)) return;
        const std::lock_guard<std::mutex> lock(mutex_);
        if (done_.load(std::memory_order_relaxed)) return;
        make();
        done_.store(true, std::memory_order_release);
    }

  private:
    std::atomic<bool> done_{false};
    std::mutex mutex_;
};

}  // namespace aigate
