import Foundation

/// How much memory a process occupies.
enum ResidentMemory {
    /// Bytes in memory now.
    static func bytes(of process: Int32) throws -> Int {
        #if os(Linux)
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        for line in status.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            if let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) {
                return kilobytes * 1_024
            }
        }
        throw LoadFailure("/proc/\(process)/status names no VmRSS")
        #else
        let ps = Process()
        ps.executableURL = URL(fileURLWithPath: "/bin/ps")
        ps.arguments = ["-o", "rss=", "-p", "\(process)"]
        let output = Pipe()
        ps.standardOutput = output
        try ps.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        ps.waitUntilExit()
        guard let kilobytes = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw LoadFailure("ps does not know process \(process)")
        }
        return kilobytes * 1_024
        #endif
    }
}
