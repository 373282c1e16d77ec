import Synchronization
public import UsageJournal

/// Files in memory that a journal takes for a disk: they outlive the node that wrote them.
public final class MemoryFiles: JournalFiles {
    /// A file's bytes, as many as were preallocated: they stay as long as the disk does, since
    /// somebody may have mapped them.
    fileprivate struct Region {
        var address: UInt = 0
        var count = 0

        var bytes: UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(
                start: UnsafeMutableRawPointer(bitPattern: address), count: count)
        }
    }

    fileprivate struct State {
        /// The numbers of the files that have names.
        var files: [String: Int] = [:]
        var open: [Int32: Int] = [:]
        /// All files that ever were.
        var regions: [Region] = []
        var nextDescriptor: Int32 = 3
    }

    private static let noSuchFile: Int32 = 2
    private static let badDescriptor: Int32 = 9
    private let state = Mutex(State())

    /// An empty disk.
    public init() {}

    deinit {
        state.withLock { state in
            for region in state.regions { region.bytes.deallocate() }
        }
    }

    /// Folders are where files are.
    public func makeFolder(_ path: String) throws(SystemCallError) {}

    /// The names of what is in a folder.
    public func names(in folder: String) throws(SystemCallError) -> [String] {
        state.withLock { state in
            state.files.keys.filter { $0.hasPrefix(folder + "/") }
                .map { String($0.dropFirst(folder.count + 1)) }.sorted()
        }
    }

    /// Makes an empty file.
    public func create(_ path: String) throws(SystemCallError) -> Int32 {
        state.withLock { state in
            state.files[path] = state.regions.count
            state.regions.append(Region())
            return state.opens(path)
        } ?? 0
    }

    /// Opens a file.
    public func open(_ path: String) throws(SystemCallError) -> Int32 {
        guard let descriptor = state.withLock({ $0.opens(path) }) else {
            throw SystemCallError("open", Self.noSuchFile)
        }
        return descriptor
    }

    /// Closes a file.
    public func close(_ descriptor: Int32) {
        state.withLock { $0.open[descriptor] = nil }
    }

    /// The size of a file, in bytes.
    public func size(_ descriptor: Int32) throws(SystemCallError) -> Int {
        try region(of: descriptor).count
    }

    /// Gives a file its size; its bytes are 0.
    public func preallocate(_ descriptor: Int32, bytes: Int) throws(SystemCallError) {
        state.withLock { state in
            guard let file = state.open[descriptor] else { return }
            let region = UnsafeMutableRawBufferPointer.allocate(
                byteCount: bytes, alignment: SegmentLayout.headerBytes)
            region.initializeMemory(as: UInt8.self, repeating: 0)
            // Only what is new is given a size.
            state.regions[file] = Region(
                address: UInt(bitPattern: region.baseAddress), count: bytes)
        }
    }

    /// Writes bytes into a file that has its size.
    public func write(
        _ bytes: UnsafeRawBufferPointer,
        to descriptor: Int32,
        at offset: Int
    ) throws(SystemCallError) {
        let target = try region(of: descriptor)
        UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: bytes)
    }

    /// Reads bytes of a file.
    public func read(
        _ descriptor: Int32,
        at offset: Int,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemCallError) -> Int {
        let source = try region(of: descriptor)
        let count = max(0, min(buffer.count, source.count - offset))
        if count > 0 {
            buffer.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
        }
        return count
    }

    /// The bytes of a file themselves.
    public func map(
        _ descriptor: Int32,
        bytes: Int
    ) throws(SystemCallError) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: try region(of: descriptor)[..<bytes])
    }

    /// Nothing ends before the disk does.
    public func unmap(_ region: UnsafeMutableRawBufferPointer) {}

    /// Memory is as safe as this disk gets.
    public func sync(_ descriptor: Int32) throws(SystemCallError) {}

    /// Memory is as safe as this disk gets.
    public func syncContents(
        _ descriptor: Int32,
        mapping: UnsafeMutableRawBufferPointer
    ) throws(SystemCallError) {}

    /// Memory is as safe as this disk gets.
    public func syncFolder(_ path: String) throws(SystemCallError) {}

    /// Gives a file, or all files of a folder, another path.
    public func rename(_ path: String, to newPath: String) throws(SystemCallError) {
        state.withLock { state in
            for (name, file) in state.files where name == path || name.hasPrefix(path + "/") {
                state.files[name] = nil
                state.files[newPath + name.dropFirst(path.count)] = file
            }
        }
    }

    /// Removes a file.
    public func remove(_ path: String) throws(SystemCallError) {
        state.withLock { $0.files[path] = nil }
    }

    private func region(
        of descriptor: Int32
    ) throws(SystemCallError) -> UnsafeMutableRawBufferPointer {
        let region = state.withLock { state in state.open[descriptor].map { state.regions[$0] } }
        guard let region else { throw SystemCallError("file", Self.badDescriptor) }
        return region.bytes
    }
}

extension MemoryFiles.State {
    /// A descriptor for a file; nil when there is none.
    fileprivate mutating func opens(_ path: String) -> Int32? {
        guard let file = files[path] else { return nil }
        nextDescriptor += 1
        open[nextDescriptor] = file
        return nextDescriptor
    }
}
