import Foundation

/// How much of the processor a process has had.
enum ProcessorTime {
    /// Seconds of all its threads together, in itself and in the system; nil where the system does
    /// not tell.
    static func seconds(of process: Int32) -> Double? {
        #if os(Linux)
        // The name may have spaces in it, and is in parentheses; 11 fields on stand both times.
        guard let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let name = line.lastIndex(of: ")")
        else { return nil }
        let fields = line[name...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13])
        else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        #else
        return nil
        #endif
    }

    /// Seconds of all processes and of the system, of all processors together since the start of
    /// the machine; nil where the system does not tell.
    static func secondsOfAll() -> Double? {
        #if os(Linux)
        // user nice system idle iowait irq softirq steal; a guest's time is in that of users.
        guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
            let line = text.split(separator: "\n").first, line.hasPrefix("cpu ")
        else { return nil }
        let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
        guard ticks.count == 8 else { return nil }
        let idle = ticks[3] + ticks[4]
        return (ticks.reduce(0, +) - idle) / Double(sysconf(Int32(_SC_CLK_TCK)))
        #else
        return nil
        #endif
    }
}
