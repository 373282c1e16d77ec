import Foundation

/// Where commands write.
enum Terminal {
    /// Writes to standard error, which is for people.
    static func say(_ text: String, terminator: String = "\n") {
        FileHandle.standardError.write(Data((text + terminator).utf8))
    }

    /// Writes to standard output, which is for people and programs.
    static func show(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    /// Writes bytes to standard output.
    static func show(_ bytes: [UInt8]) {
        FileHandle.standardOutput.write(Data(bytes))
    }
}
