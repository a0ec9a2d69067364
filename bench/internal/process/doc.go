// Package process reads what another process on this machine has used: processor time, waiting for a processor,
// read and write calls, descriptors, resident memory. It changes nothing in that process, and costs it next to nothing.
//
// Linux only. The sources, and what each is good for:
//
//   - Usage.CPU: the process's CPU clock (clock_gettime on the clock that clock_getcpuclockid(3) names). Nanoseconds, user and
//     system together, threads that ended included.
//   - Usage.User and Usage.System: /proc/PID/stat, in ticks of 10 ms. The kernel scales their sum to the same clock; how it is
//     split between the two is sampled, and coarse.
//   - Usage.Waited: the second field of /proc/PID/task/*/schedstat, the time that threads which could run waited for a
//     processor. Its own threads wait for each other too; beyond that, something else was running there.
//   - Usage.ReadCalls and Usage.WriteCalls: syscr and syscw of /proc/PID/io: read(2), readv(2), write(2), writev(2) and their kin on any
//     descriptor, failed ones included, but neither recv(2) nor send(2). Go's net package uses the former.
//   - Descriptors: the entries of /proc/PID/fd.
//   - Resident: Rss of /proc/PID/smaps_rollup, which walks the page tables; VmRSS in /proc/PID/status may lag behind.
//     Buffers in the kernel's sockets are not in it.
//
// Reading io, fd and smaps_rollup needs the same user as the process, or root.
package process
