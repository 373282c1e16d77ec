import Foundation

/// Where programs of this build lie.
package enum ExecutablePath {
    /// The running program's own file.
    package static var own: String {
        #if os(Linux)
        if let path = try? FileManager.default.destinationOfSymbolicLink(
            atPath: "/proc/self/exe")
        {
            return path
        }
        #endif
        return Bundle.main.executablePath ?? CommandLine.arguments[0]
    }

    /// Another program in the running program's folder.
    package static func sibling(_ name: String) -> String {
        URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
    }
}
