/// A folder of segments, with the system's errors told in the journal's words.
struct JournalFolder: Sendable {
    let path: String
    let files: any JournalFiles

    func path(_ name: String) -> String { path + "/" + name }

    /// The segments in the folder, and the names of those whose making was cut short.
    ///
    /// - Throws: `damaged` when a file is named like a segment, but not as segments are.
    func contents() throws(JournalError) -> (segments: [SegmentName], unfinished: [String]) {
        var segments: [SegmentName] = []
        var unfinished: [String] = []
        for name in try list() {
            if let segment = SegmentName(name) {
                segments.append(segment)
            } else if SegmentName.isUnfinished(name) {
                unfinished.append(name)
            } else if name.hasSuffix(SegmentName.suffix) {
                throw JournalError(.damaged, "no segment has such a name", file: path(name))
            }
        }
        return (segments, unfinished)
    }

    func make() throws(JournalError) {
        do { try files.makeFolder(path) } catch { throw unusable(error, path) }
    }

    func remove(_ name: String) throws(JournalError) {
        do { try files.remove(path(name)) } catch { throw unusable(error, path(name)) }
    }

    func syncNames() throws(JournalError) {
        do { try files.syncFolder(path) } catch { throw broken(error, path) }
    }

    func broken(_ error: SystemCallError, _ path: String) -> JournalError {
        JournalError(
            .broken, "what is on the disk is unknown (\(error)); restart to recover", file: path)
    }

    func unusable(_ error: SystemCallError, _ path: String) -> JournalError {
        error.isNoSpace
            ? JournalError(.diskFull, "the disk is full (\(error))", file: path)
            : JournalError(.unusableFolder, "the journal can't be used (\(error))", file: path)
    }

    private func list() throws(JournalError) -> [String] {
        do { return try files.names(in: path) } catch { throw unusable(error, path) }
    }
}
