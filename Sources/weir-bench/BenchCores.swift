import Foundation
import WeirClient

/// Which processors the measured server and those who load it have.
struct BenchCores: Sendable {
    /// The measured server's; nil where it can't have one for itself.
    let server: Int?
    /// That of the load generator and what stands behind the server.
    let load: Int?

    /// The first two that this process may use, where it may use so many and they can be given.
    static let ofThisMachine: BenchCores = {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let allowed = Self.allowed(in: status)
        guard allowed.count >= 2, Program.path(of: "taskset") != nil else {
            return BenchCores(server: nil, load: nil)
        }
        return BenchCores(server: allowed[0], load: allowed[1])
    }()

    /// The processors of the line `Cpus_allowed_list`, for example `0-3,8`.
    static func allowed(in status: String) -> [Int] {
        let name = "Cpus_allowed_list:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else {
            return []
        }
        return line.dropFirst(name.count).trimmingCharacters(in: .whitespaces)
            .split(separator: ",")
            .flatMap { part in
                let bounds = part.split(separator: "-").compactMap { Int($0) }
                guard let first = bounds.first, let last = bounds.last, first <= last else {
                    return [Int]()
                }
                return Array(first...last)
            }
    }
}

extension ServerLaunch {
    /// The same with one processor; unchanged where there is none for it.
    func pinned(to core: Int?) -> ServerLaunch {
        guard let core, let taskset = Program.path(of: "taskset") else { return self }
        var launch = self
        // It becomes the program that it starts, so that the process is the same.
        launch.arguments = ["-c", "\(core)", executable] + arguments
        launch.executable = taskset
        return launch
    }
}
