"""The dashboard's machinery: what a resource declares (:mod:`.resource`) becomes its pages.

Owns lists (:mod:`.listing`), forms (:mod:`.form`), the frame (:mod:`.frame`) and the answers (:mod:`.pages`). Decides
nothing about any resource: what a page shows, checks and changes are the declared operations of the Management API, run
in place with the rights of whoever looks (:mod:`.operations`). Routes: ``/admin/*``.
"""
