import CPosix

/// What an open descriptor is of.
package enum OpenedFile {
    /// Whether it is an ordinary file, and not a device, a pipe or a folder.
    package static func isOrdinary(_ descriptor: Int32) -> Bool {
        is_ordinary_file(descriptor) == 1
    }
}
