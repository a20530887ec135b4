import Domain
import Media
import Picture
import Primitives

extension SourceNotes {
    /// What the owner of the rendition must know of its source.
    func warnings(for plan: JobPlan) -> [String] {
        [breakOff(plan), gaps(plan)].compactMap { $0 } + notes.compactMap { note in warning(note, plan) }
    }

    /// Only where the job reaches to the end.
    private func breakOff(_ plan: JobPlan) -> String? {
        guard let count = plan.source.leftOutAtEnd, plan.frames.end == plan.source.frameCount else { return nil }
        return "the source breaks off: its last \(count == 1 ? "picture is" : "\(count) pictures are") not whole and left out; the last "
            + "frame used is \(plan.source.frameCount - 1)"
    }

    private func gaps(_ plan: JobPlan) -> String? {
        guard let gaps = plan.source.gaps else { return nil }
        let pictures = gaps.missing == 1 ? "1 picture" : "\(gaps.missing) pictures"
        guard gaps.count > 1 else { return "the source lacks \(pictures) behind its frame \(gaps.longestAfter)" }
        return "the source lacks \(pictures) at \(gaps.count) places; most, \(gaps.longest), behind its frame \(gaps.longestAfter)"
    }

    private func warning(_ note: Note, _ plan: JobPlan) -> String? {
        let place = note.firstFrame == 0 ? "" : " from frame \(note.firstFrame) on"
        switch note.kind {
        case .closedCaptions: return "the source's closed captions (CEA-608/708, in its pictures\(place)) are not carried"
        case .hdr10Plus: return "the source's HDR10+ metadata\(place) are not carried"
        case .dolbyVision: return "the source's Dolby Vision metadata\(place) are not carried: its base layer was processed"
        case .otherHDRMetadata:
            guard plan.recipe.color.keepsMetadata else { return nil }
            return "the source's HDR metadata change at frame \(note.firstFrame); the rendition says what the first picture says"
        case .interlaced:
            guard !plan.recipe.source.fieldOrder.isInterlaced, plan.recipe.deinterlacing == nil else { return nil }
            return "the source's pictures are flagged as two fields\(place), and the first one as progressive: all were processed as "
                + "progressive; a deinterlacer takes the fields apart"
        case .repeatedFields:
            return "the source asks to show fields twice\(place) (pulldown): each picture was processed once, and shown for as long as the "
                + "source shows it" + (plan.grid.evenRate == nil ? "" : " on average")
        case .unusableBefore, .unusableBehind:
            let (side, end) = note.kind == .unusableBefore ? ("before", "beginning") : ("behind", "end")
            return "frame \(note.firstFrame) of the source, \(side) the job's own, is damaged or another picture: filters that look at "
                + "neighbouring frames have none there, as at the \(end) of a file"
        case .transparency: return "the source's transparency is dropped: it stands in a stream beside the picture"
        }
    }
}
