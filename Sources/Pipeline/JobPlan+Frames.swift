package import Media
import Primitives

extension JobPlan {
    /// Frames of the source that the filters may look at, as far as the plan knows: the job's own are among them.
    func surroundings(_ index: FrameIndex) -> FrameRange { context ?? index.all }

    /// The frames that each link is to be given, in order, for frames of the chain's end; the last are those themselves.
    ///
    /// - Parameter context: frames of the source that links may look at.
    func wanted(for range: FrameRange, _ index: FrameIndex, within context: FrameRange) -> [FrameRange] {
        var wanted = [range]
        for link in links.reversed() { wanted.insert(link.needed(for: wanted[0], index, within: context), at: 0) }
        return wanted
    }

    /// The frame of the source that a frame of the chain's end shows. Of one that may be made of two it is the one shown where
    /// a cut lies between them.
    package func sourceFrame(of number: Int, _ index: FrameIndex) -> Int {
        guard let link = links.last(where: \.changesRate) else { return number / grid.framesPerSource }
        return link.chosen(for: number, index, within: surroundings(index)) / link.inputGrid.framesPerSource
    }
}
