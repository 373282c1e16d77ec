/// The calls of the system that a journal makes; tests stand between to let them fail.
///
/// Each throws what the system said. Paths are absolute or relative to the working folder.
public protocol JournalFiles: Sendable {
    /// Makes a folder that only its owner can read, unless it is there.
    func makeFolder(_ path: String) throws(SystemCallError)
    /// The names of what is in a folder.
    func names(in folder: String) throws(SystemCallError) -> [String]
    /// Opens a new, empty file for reading and writing.
    func create(_ path: String) throws(SystemCallError) -> Int32
    /// Opens a file for reading.
    func open(_ path: String) throws(SystemCallError) -> Int32
    /// Closes a file.
    func close(_ descriptor: Int32)
    /// The size of an ordinary file, in bytes.
    func size(_ descriptor: Int32) throws(SystemCallError) -> Int
    /// Reserves the disk space for a file's first bytes, and gives it that size.
    func preallocate(_ descriptor: Int32, bytes: Int) throws(SystemCallError)
    /// Writes all of the bytes at an offset.
    func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int
    ) throws(SystemCallError)
    /// Fills the buffer from an offset; answers how many bytes there were.
    func read(
        _ descriptor: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemCallError) -> Int
    /// Maps a file's first bytes into memory, shared with the file.
    func map(
        _ descriptor: Int32, bytes: Int
    ) throws(SystemCallError) -> UnsafeMutableRawBufferPointer
    /// Ends a mapping.
    func unmap(_ region: UnsafeMutableRawBufferPointer)
    /// Brings a file to the disk, with all that is needed to read it.
    func sync(_ descriptor: Int32) throws(SystemCallError)
    /// Brings a mapped file's contents to the disk; the size and place of the file are there.
    func syncContents(
        _ descriptor: Int32, mapping: UnsafeMutableRawBufferPointer
    ) throws(SystemCallError)
    /// Brings the names in a folder to the disk.
    func syncFolder(_ path: String) throws(SystemCallError)
    /// Gives a file another name, and replaces what has it.
    func rename(_ path: String, to newPath: String) throws(SystemCallError)
    /// Removes a file.
    func remove(_ path: String) throws(SystemCallError)
}
