"""What every program on macOS asks of the system: services it looks up, facts it reads. Names, and nothing else."""

LOOK_UP_USERS = ("com.apple.system.opendirectoryd.libinfo", "com.apple.system.opendirectoryd.membership")
LOCAL_SERVICES = (
    *LOOK_UP_USERS,
    "com.apple.bsd.dirhelper",  # where the user's temporary directory is
    "com.apple.logd",
    "com.apple.system.logger",
    "com.apple.system.notification_center",
)
NETWORK_SERVICES = (
    "com.apple.SystemConfiguration.DNSConfiguration",
    "com.apple.SystemConfiguration.configd",
    "com.apple.trustd.agent",  # fetches what certificates name, so it is a way out where hosts are filtered
)
KERNEL_FACTS = (
    "kern.argmax",
    "kern.boottime",
    "kern.hostname",
    "kern.iossupportversion",
    "kern.maxfiles",
    "kern.maxfilesperproc",
    "kern.maxproc",
    "kern.maxprocperuid",
    "kern.ngroups",
    "kern.osproductversion",
    "kern.osrelease",
    "kern.ostype",
    "kern.osvariant_status",
    "kern.osversion",
    "kern.secure_kernel",
    "kern.tcsm_available",
    "kern.tcsm_enable",
    "kern.usrstack64",
    "kern.version",
    "kern.willshutdown",
    "security.mac.lockdown_mode_state",
    "sysctl.proc_cputype",
    "vm.loadavg",
    "vm.swapusage",
)
KERNEL_FACT_PREFIXES = (
    "hw.",
    "machdep.cpu.",
    "machdep.ptrauth",
    "kern.proc.pid.",
    "kern.proc.pgrp.",
    "net.routetable.",
)
