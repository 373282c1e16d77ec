import Foundation
import Synchronization
import UsageJournal

/// The system's calls, of which one kind fails from its nth call on.
final class FaultyFiles: JournalFiles {
    private struct Plan {
        var call = ""
        var skipping = 0
        var times = 0
        var number: Int32 = 0
    }

    private let plan = Mutex(Plan())
    private let system = SystemFiles()
    /// The calls made so far, in their order.
    let calls = Mutex<[String]>([])

    func fail(_ call: String, after skipping: Int = 0, times: Int = 1, with number: Int32) {
        plan.withLock { $0 = Plan(call: call, skipping: skipping, times: times, number: number) }
    }

    private func pass(_ call: String) throws(SystemCallError) {
        calls.withLock { $0.append(call) }
        let number: Int32? = plan.withLock { plan in
            guard plan.call == call, plan.times > 0 else { return nil }
            if plan.skipping > 0 {
                plan.skipping -= 1
                return nil
            }
            plan.times -= 1
            return plan.number
        }
        if let number { throw SystemCallError(call, number) }
    }

    func makeFolder(_ path: String) throws(SystemCallError) {
        try pass("makeFolder")
        try system.makeFolder(path)
    }
    func names(in folder: String) throws(SystemCallError) -> [String] {
        try pass("names")
        return try system.names(in: folder)
    }
    func create(_ path: String) throws(SystemCallError) -> Int32 {
        try pass("create")
        return try system.create(path)
    }
    func open(_ path: String) throws(SystemCallError) -> Int32 {
        try pass("open")
        return try system.open(path)
    }
    func close(_ descriptor: Int32) { system.close(descriptor) }
    func size(_ descriptor: Int32) throws(SystemCallError) -> Int {
        try pass("size")
        return try system.size(descriptor)
    }
    func preallocate(_ descriptor: Int32, bytes: Int) throws(SystemCallError) {
        try pass("preallocate")
        try system.preallocate(descriptor, bytes: bytes)
    }
    func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int
    ) throws(SystemCallError) {
        try pass("write")
        try system.write(bytes, to: descriptor, at: offset)
    }
    func read(
        _ descriptor: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemCallError) -> Int {
        try pass("read")
        return try system.read(descriptor, at: offset, into: buffer)
    }
    func map(
        _ descriptor: Int32, bytes: Int
    ) throws(SystemCallError) -> UnsafeMutableRawBufferPointer {
        try pass("map")
        return try system.map(descriptor, bytes: bytes)
    }
    func unmap(_ region: UnsafeMutableRawBufferPointer) { system.unmap(region) }
    func sync(_ descriptor: Int32) throws(SystemCallError) {
        // The bytes need not survive the test, so they are not brought to the disk.
        try pass("sync")
    }
    func syncContents(
        _ descriptor: Int32, mapping: UnsafeMutableRawBufferPointer
    ) throws(SystemCallError) {
        try pass("syncContents")
    }
    func syncFolder(_ path: String) throws(SystemCallError) {
        try pass("syncFolder")
    }
    func rename(_ path: String, to newPath: String) throws(SystemCallError) {
        try pass("rename")
        try system.rename(path, to: newPath)
    }
    func remove(_ path: String) throws(SystemCallError) {
        try pass("remove")
        try system.remove(path)
    }
}
