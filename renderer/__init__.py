"""The kit's renderer: parametric heads, path-traced, 112 x 112. Only who makes the kit's data needs it; students never install it.

Reading order: `identity` draws a person, `shot` draws one picture of them, `scene` builds it in Blender, `develop` turns light into a
photograph, `farm` does that for a range of identities, `pack` makes the zip. Lengths are MakeHuman's (1 = 10 cm), y is up.
"""
