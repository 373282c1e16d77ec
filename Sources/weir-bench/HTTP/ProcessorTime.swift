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
}
