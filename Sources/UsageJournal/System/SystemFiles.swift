import CPosix
import Foundation

/// The calls of the system as they are.
public struct SystemFiles: JournalFiles {
    /// Creates the calls; they have no state.
    public init() {}

    /// Makes a folder that only its owner can read, unless it is there.
    public func makeFolder(_ path: String) throws(SystemCallError) {
        guard mkdir(path, 0o700) != 0 else { return }
        guard errno == EEXIST else { throw SystemCallError("mkdir", errno) }
    }

    /// The names of what is in a folder.
    public func names(in folder: String) throws(SystemCallError) -> [String] {
        guard let stream = opendir(folder) else { throw SystemCallError("opendir", errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw SystemCallError("readdir", errno) }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// Opens a new, empty file for reading and writing.
    public func create(_ path: String) throws(SystemCallError) -> Int32 {
        try descriptor(Foundation.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600))
    }

    /// Opens a file for reading.
    public func open(_ path: String) throws(SystemCallError) -> Int32 {
        try descriptor(Foundation.open(path, O_RDONLY | O_CLOEXEC))
    }

    /// Closes a file.
    public func close(_ descriptor: Int32) {
        _ = Foundation.close(descriptor)
    }

    /// The size of an ordinary file, in bytes.
    public func size(_ descriptor: Int32) throws(SystemCallError) -> Int {
        var status = stat()
        try check("fstat", fstat(descriptor, &status))
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemCallError("fstat", EISDIR) }
        return Int(status.st_size)
    }

    /// Reserves the disk space for a file's first bytes, and gives it that size.
    public func preallocate(_ descriptor: Int32, bytes: Int) throws(SystemCallError) {
        let number = preallocate_file(descriptor, Int64(bytes))
        if number != 0 { throw SystemCallError("posix_fallocate", number) }
    }

    /// Writes all of the bytes at an offset.
    public func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int
    ) throws(SystemCallError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemCallError("pwrite", count < 0 ? errno : EIO) }
            done += count
        }
    }

    /// Fills the buffer from an offset; answers how many bytes there were.
    public func read(
        _ descriptor: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemCallError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemCallError("pread", errno) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Maps a file's first bytes into memory, shared with the file.
    public func map(
        _ descriptor: Int32, bytes: Int
    ) throws(SystemCallError) -> UnsafeMutableRawBufferPointer {
        let base = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let base, base != MAP_FAILED else { throw SystemCallError("mmap", errno) }
        return UnsafeMutableRawBufferPointer(start: base, count: bytes)
    }

    /// Ends a mapping.
    public func unmap(_ region: UnsafeMutableRawBufferPointer) {
        guard let base = region.baseAddress else { return }
        munmap(base, region.count)
    }

    /// Brings a file to the disk, with all that is needed to read it.
    public func sync(_ descriptor: Int32) throws(SystemCallError) {
        try check("fsync", sync_file(descriptor))
    }

    /// Brings a mapped file's contents to the disk; the size and place of the file are there.
    public func syncContents(
        _ descriptor: Int32, mapping: UnsafeMutableRawBufferPointer
    ) throws(SystemCallError) {
        try check("fdatasync", sync_contents(descriptor, mapping.baseAddress, mapping.count))
    }

    /// Brings the names in a folder to the disk.
    public func syncFolder(_ path: String) throws(SystemCallError) {
        let descriptor = try open(path)
        defer { close(descriptor) }
        try check("fsync", sync_file(descriptor))
    }

    /// Gives a file another name, and replaces what has it.
    public func rename(_ path: String, to newPath: String) throws(SystemCallError) {
        try check("rename", Foundation.rename(path, newPath))
    }

    /// Removes a file.
    public func remove(_ path: String) throws(SystemCallError) {
        try check("unlink", unlink(path))
    }

    private func descriptor(_ result: Int32) throws(SystemCallError) -> Int32 {
        try check("open", result)
        return result
    }

    private func check(_ call: String, _ result: Int32) throws(SystemCallError) {
        if result < 0 { throw SystemCallError(call, errno) }
    }
}
